import Orchestrator

/// The options that say what the pods of a COMMAND are to have.
enum PodFlags {
    static let flags = [
        Flag("requests"), Flag("limits"), Flag("env"), Flag("labels"), Flag("annotations"),
        Flag("service-account"), Flag("image-pull-secret"),
    ]

    /// - Throws: `Refusal.usage` with the option that does not go with the others, or the piece of it that is wrong.
    static func options(_ words: Words) throws(Refusal) -> PodOptions {
        if words.command == nil, let option = words.options.first(where: { flags.contains($0.flag) })?.flag {
            let next =
                words.value("filename") != nil
                ? "with -f/--filename write it in the manifest"
                : "without one, write it in the manifest that --dry-run prints, and run that with -f"
            throw .usage("\(option.spelling) goes with a COMMAND: \(next)")
        }
        var options = PodOptions()
        options.requests = try quantities(words, "requests", example: "cpu=100m,memory=64Mi")
        options.limits = try quantities(words, "limits", example: "cpu=2,memory=1Gi")
        options.environment = try environment(words)
        for (key, value, text) in try pairs(words.pieces("labels"), "--labels", "KEY=VALUE such as team=ops,stage=test")
        {
            guard key != "run-once-daemonset", !key.hasPrefix("run-once-daemonset/") else {
                throw .usage("--labels: the run has this label of its own, take another, such as team=ops: '\(text)'")
            }
            options.labels[key] = value
        }
        // One each, since a value may have commas.
        let annotations = try pairs(
            words.values("annotations"), "--annotations", "KEY=VALUE such as sidecar.istio.io/inject=false")
        for (key, value, text) in annotations {
            guard !key.hasPrefix("run-once-daemonset/") else {
                throw .usage("--annotations: the run has these of its own, take another: '\(text)'")
            }
            options.annotations[key] = value
        }
        options.serviceAccount = words.value("service-account")
        options.imagePullSecrets = words.values("image-pull-secret")
        return options
    }

    private static func quantities(
        _ words: Words, _ option: String, example: String
    ) throws(Refusal) -> [String: String] {
        var quantities: [String: String] = [:]
        let form = "RESOURCE=QUANTITY such as \(example)"
        for (name, quantity, text) in try pairs(words.pieces(option), "--\(option)", form) {
            guard !quantity.isEmpty else { throw .usage("--\(option): not \(form): '\(text)'") }
            quantities[name] = quantity
        }
        return quantities
    }

    private static func environment(_ words: Words) throws(Refusal) -> [String: String] {
        let variables = words.values("env")
        guard variables.isEmpty || !words.isSet("host") else {
            throw .usage("--env does not reach a command on the node: -- env NAME=VALUE COMMAND")
        }
        var environment: [String: String] = [:]
        for (name, value, _) in try pairs(variables, "--env", "NAME=VALUE such as LANG=C.UTF-8") {
            // What a shell takes as a name. (POSIX: XBD 3.216) The value may be a secret: it is not shown.
            guard name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
                throw .usage("--env: not the NAME of a variable, as in LANG=C.UTF-8: '\(name)'")
            }
            guard !["NODE", "POD_UID"].contains(name) else {
                let holds = name == "NODE" ? "the node's name" : "the pod's UID"
                throw .usage("--env: \(name) holds \(holds), take another name, as in LANG=C.UTF-8: '\(name)'")
            }
            environment[name] = value
        }
        return environment
    }

    /// Takes texts apart at their first `=`, before which something has to be.
    ///
    /// - Parameter form: what each of them is to be.
    private static func pairs(
        _ texts: [String], _ option: String, _ form: String
    ) throws(Refusal) -> [(name: String, value: String, text: String)] {
        var pairs: [(name: String, value: String, text: String)] = []
        for text in texts {
            let scalars = text.unicodeScalars
            // A character may be more than the sign: a letter's accent that follows it belongs to the value.
            guard let sign = scalars.firstIndex(of: "="), sign > scalars.startIndex else {
                throw .usage("\(option): not \(form): '\(text)'")
            }
            pairs.append((String(scalars[..<sign]), String(scalars[scalars.index(after: sign)...]), text))
        }
        return pairs
    }
}
