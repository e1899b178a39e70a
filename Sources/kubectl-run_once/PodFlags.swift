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
        options.labels = try labels(words)
        options.annotations = try annotations(words)
        options.serviceAccount = words.value("service-account")
        options.imagePullSecrets = words.values("image-pull-secret")
        return options
    }

    private static func quantities(
        _ words: Words, _ option: String, example: String
    ) throws(Refusal) -> [String: String] {
        var quantities: [String: String] = [:]
        for piece in words.pieces(option) {
            guard let (name, quantity) = pair(piece), !quantity.isEmpty else {
                throw .usage("--\(option): not RESOURCE=QUANTITY such as \(example): '\(piece)'")
            }
            quantities[name] = quantity
        }
        return quantities
    }

    private static func labels(_ words: Words) throws(Refusal) -> [String: String] {
        var labels: [String: String] = [:]
        for piece in words.pieces("labels") {
            guard let (key, value) = pair(piece) else {
                throw .usage("--labels: not KEY=VALUE such as team=ops,stage=test: '\(piece)'")
            }
            guard key != "run-once-daemonset", !key.hasPrefix("run-once-daemonset/") else {
                throw .usage("--labels: the run has this label of its own, take another, such as team=ops: '\(piece)'")
            }
            labels[key] = value
        }
        return labels
    }

    /// One each, since a value may have commas.
    private static func annotations(_ words: Words) throws(Refusal) -> [String: String] {
        var annotations: [String: String] = [:]
        for text in words.values("annotations") {
            guard let (key, value) = pair(text) else {
                throw .usage("--annotations: not KEY=VALUE such as sidecar.istio.io/inject=false: '\(text)'")
            }
            guard !key.hasPrefix("run-once-daemonset/") else {
                throw .usage("--annotations: the run has these of its own, take another: '\(text)'")
            }
            annotations[key] = value
        }
        return annotations
    }

    private static func environment(_ words: Words) throws(Refusal) -> [PodOptions.Variable] {
        var environment: [PodOptions.Variable] = []
        for text in words.values("env") {
            guard !words.isSet("host") else {
                throw .usage("--env does not reach a command on the node: -- env NAME=VALUE COMMAND")
            }
            guard let (name, value) = pair(text) else {
                throw .usage("--env: not NAME=VALUE such as LANG=C.UTF-8: '\(text)'")
            }
            // The value may be a secret: it is not shown.
            guard isVariable(name) else {
                throw .usage("--env: not the NAME of a variable, as in LANG=C.UTF-8: '\(name)'")
            }
            guard !["NODE", "POD_UID"].contains(name) else {
                let holds = name == "NODE" ? "the node's name" : "the pod's UID"
                throw .usage("--env: \(name) holds \(holds), take another name, as in LANG=C.UTF-8: '\(name)'")
            }
            environment.append(.init(name: name, value: value))
        }
        return environment
    }

    /// What is before and after the first `=`; nil where there is none, or nothing before it.
    private static func pair(_ text: String) -> (String, String)? {
        let scalars = text.unicodeScalars
        // A character may be more than the sign: a letter's accent that follows it belongs to the value.
        guard let sign = scalars.firstIndex(of: "="), sign > scalars.startIndex else { return nil }
        return (String(scalars[..<sign]), String(scalars[scalars.index(after: sign)...]))
    }

    /// What a shell takes as a variable's name. (POSIX: XBD 3.216 Name)
    private static func isVariable(_ name: String) -> Bool {
        let isPlain = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || character == "_")
        }
        return name.allSatisfy(isPlain) && name.first?.isNumber == false
    }
}
