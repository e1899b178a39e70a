import Foundation
import Glibc
import TestSupport

/// What the real kubectl answered to a question for which it needs no cluster, kept for the tests that ask it again.
///
/// Each run of the plugin asks two of them, and a kubectl takes 40 ms of a processor to start: a fifth of what all
/// tests take. Where a test has a kubeconfig or a manifest of its own, it is a question of its own.
struct KubectlAnswers: Sendable {
    /// Holds a kubectl, which keeps what the one after it on PATH answers; and the answers.
    let folder: String

    /// Of this process.
    static let all: KubectlAnswers? = {
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
        let folder = "\(parent)/run-once-test.kubectl-\(getpid())"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try program.write(toFile: folder + "/kubectl", atomically: true, encoding: .utf8)
        } catch {
            return nil
        }
        guard chmod(folder + "/kubectl", 0o755) == 0 else { return nil }
        atexit { KubectlAnswers.all.map { try? FileManager.default.removeItem(atPath: $0.folder) } }
        return KubectlAnswers(folder: folder)
    }()

    /// What the plugin gets in its environment, where PATH has the folder in its second place.
    func environment(_ api: FakeAPI) -> [String: String] {
        ["USUAL_KUBECONFIG": api.kubeconfigText, "USUAL_SERVER": api.server]
    }

    private static let program = #"""
        #!/bin/sh
        folder=${0%/*} PATH=${PATH%%:*}:${PATH#*:*:}
        case $* in
          'patch --local --filename=- --type=merge --patch={} --output='*)
            input=$folder/$$.input && cat >"$input"
            answer=$folder/$({ echo "$*" && cat "$input"; } | sha256sum) && answer=${answer%% *} ;;
          'config view --output=json')
            [ "$(cat "$KUBECONFIG" 2>&1)" = "${USUAL_KUBECONFIG%?}" ] || exec kubectl "$@"
            input=/dev/null answer=$folder/config ;;
          *) exec kubectl "$@" ;;
        esac
        if ! [ -e "$answer" ]; then
          new=$folder/$$.new && kubectl "$@" <"$input" >"$new" 2>"$new.errors"
          status=$?
          if [ "$status" -ne 0 ] || [ -s "$new.errors" ]; then
            cat "$new.errors" >&2 && cat "$new" && exit "$status"
          fi
          sed "s|$USUAL_SERVER|@SERVER@|" "$new" >"$new.answer" && mv "$new.answer" "$answer"
        fi
        exec sed "s|@SERVER@|$USUAL_SERVER|" "$answer"

        """#
}
