import FoundationEssentials
import System

/// What comes on this program's standard input, for the command's standard input on every node.
///
/// A Secret of the run takes it there, which each pod of the run has as a file.
public struct Input: Equatable, Sendable {
    /// What a Secret can hold (https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size).
    static let limit = 1 << 20

    private static let directory = "/run/run-once-stdin"
    private static let file = "stdin"

    let bytes: [UInt8]

    /// Reads standard input to its end.
    ///
    /// - Parameter shell: that takes it for its commands; of nothing it would do nothing, and succeed.
    /// - Throws: `Refusal.usage` where it holds too much, or nothing for a shell, or can't be read.
    static func read(forShell shell: String?) throws(Refusal) -> Input {
        var bytes: [UInt8] = []
        do throws(SystemError) {
            while bytes.count <= limit {
                let more = try Descriptor.standardInput.read()
                if more.isEmpty { break }
                bytes += more
            }
        } catch {
            throw .usage("-i/--stdin: standard input can't be read: \(error.reason)")
        }
        if bytes.isEmpty, let shell {
            throw .usage("-i/--stdin: standard input is empty, so that \(shell) would run nothing and succeed")
        }
        if bytes.count <= limit { return Input(bytes: bytes) }
        throw .usage(
            """
            -i/--stdin: standard input holds more than 1 MiB, which is all that a Secret can: have the command fetch \
            it from elsewhere
            """)
    }

    /// The Secret.
    ///
    /// - Parameter owner: the uid of the run's Job.
    func secret(of run: RunIdentity, owner: String?) -> JSON {
        let data: JSON = [Input.file: .string(Data(bytes).base64EncodedString())]
        return Parcel.input.object(["type": "Opaque", "data": data], of: run, owner: owner)
    }

    /// The DaemonSet of a command, where `run-once` has the Secret's content as the command's standard input.
    static func given(to daemonSet: JSON, task: String, by run: RunIdentity) -> JSON {
        var daemonSet = daemonSet
        daemonSet.podSpec["volumes"].elements.append([
            "name": "stdin", "secret": ["secretName": .string(run.jobName), "defaultMode": 0o444],
        ])
        daemonSet.podSpec["containers"].changeEach { container in
            guard container["name"].string == task else { return }
            container["volumeMounts"].elements.append([
                "name": "stdin", "mountPath": .string(directory), "readOnly": true,
            ])
            // The last word is `--`, which the command follows.
            let end = max(container["command"].elements.count - 1, 0)
            container["command"].elements.insert(contentsOf: ["--stdin", .string("\(directory)/\(file)")], at: end)
        }
        return daemonSet
    }
}
