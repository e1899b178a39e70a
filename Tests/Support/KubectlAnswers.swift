import Foundation
import Glibc

/// A kubectl before the real one, for the questions that need no cluster, and for the way to a server of a test.
///
/// A real one takes 40 ms of a processor to start, and the script alone starts five before it creates. So what the
/// real one answered is kept for the tests that ask the same. Where a test has a kubeconfig or a manifest of its own,
/// it is a question of its own. And `kubectl proxy` is a link to the server's own socket, unless the test needs more.
public struct KubectlAnswers: Sendable {
    /// Holds this kubectl, which asks the one after it on PATH; and the answers.
    public let folder: String

    /// Of this process.
    public static let all: KubectlAnswers? = {
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

    /// What programs get in their environment, where PATH has the folder in its second place.
    public func environment(_ api: FakeAPI) -> [String: String] {
        [
            "USUAL_KUBECONFIG": api.kubeconfigText, "USUAL_SERVER": api.server, "LAST_RUN": api.directory + "/last-run",
        ]
    }

    /// In an answer that is kept, @SERVER@ stands for the server, and @RUN@ for what the script calls its run.
    private static let program = #"""
        #!/bin/sh
        folder=${0%/*} PATH=${PATH%%:*}:${PATH#*:*:} run=@RUN@ manifest='' asked=''
        is_usual() { # what is read here starts no program
          text=''
          while IFS= read -r line; do text="$text$line
        "; done <"$KUBECONFIG" && [ "$text" = "$USUAL_KUBECONFIG" ]
        } 2>/dev/null
        case $* in # asked: all that an answer hangs on
          'patch --local --filename=- --type=merge --patch={} --output='*)
            manifest=$(cat && echo .) && asked="$* $manifest" ;;
          'patch --local --type=merge -f '*)
            [ "$6 $8 $#" = '-p -o 9' ] && [ -f "$5" ] || exec kubectl "$@"
            case $7 in
              *'"run-once-daemonset/run":"'*)
                run=${7#*'"run-once-daemonset/run":"'} && run=${run%%\"*} && echo "$run" >"$LAST_RUN" ;;
              *) read -r run <"$LAST_RUN" ;;
            esac
            asked=$(printf '%s\n' "$7 $9" | sed "s|$run|@RUN@|g" - "$5") ;;
          'config view --output=json') is_usual || exec kubectl "$@"; answer=$folder/view ;;
          '--request-timeout=20s config current-context') is_usual || exec kubectl "$@"; answer=$folder/context ;;
          '--context='*' --request-timeout=20s config view --minify '*) is_usual || exec kubectl "$@"; asked=$* ;;
          'proxy --unix-socket='*'/api --reject-paths=^$')
            [ -n "$USUAL_SOCKET" ] && is_usual || exec kubectl "$@"
            ln -s "$USUAL_SOCKET" "${2#*=}" && echo "Starting to serve on ${2#*=}" && exec sleep 100000 ;;
          *) exec kubectl "$@" ;;
        esac
        [ -z "$asked" ] || { answer=$folder/$(printf %s "$asked" | md5sum) && answer=${answer%% *}; }
        [ -e "$answer" ] || { exec 3>"$answer.lock" && flock 3; } # who asks the same meanwhile waits
        if ! [ -e "$answer" ]; then
          new=$folder/$$.new && printf %s "${manifest%.}" | kubectl "$@" >"$new" 2>"$new.errors"
          status=$?
          if [ "$status" -ne 0 ] || [ -s "$new.errors" ]; then
            cat "$new.errors" >&2 && cat "$new" && exit "$status"
          fi
          sed "s|$USUAL_SERVER|@SERVER@|g; s|$run|@RUN@|g" "$new" >"$new.answer" && mv "$new.answer" "$answer"
        fi
        [ -z "$asked" ] || exec sed "s|@SERVER@|$USUAL_SERVER|g; s|@RUN@|$run|g" "$answer"
        while IFS= read -r line; do
          case $line in *@SERVER@*) line=${line%%@SERVER@*}$USUAL_SERVER${line#*@SERVER@} ;; esac
          printf '%s\n' "$line"
        done <"$answer"

        """#
}
