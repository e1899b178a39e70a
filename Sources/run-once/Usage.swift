import RunOnce

/// What `--help` prints.
let usage: CString = """
    Usage: run-once [--state-dir DIR] [--] COMMAND [ARG...]
           run-once --ready [--state-dir DIR]
           run-once --install DIR

    Runs COMMAND at most once per pod, then waits for SIGTERM. It is the entry point
    of a DaemonSet's container: once COMMAND has ended with 0, standard output and
    standard error are closed, the pod becomes Ready, and nothing more happens until
    the pod is deleted. A container that is restarted does not run COMMAND again.

      --state-dir DIR   where to remember how far it got, in a volume that outlives
                        the container, such as an emptyDir (default: /run/run-once)
      --ready           the readiness probe: tell by the exit status, 0 or 1, whether
                        COMMAND has ended with 0
      --install DIR     copy this program to DIR/run-once
      --help            print this
      --version         print the version

    Exit status: 0 stopped by SIGTERM or SIGINT after COMMAND; that of COMMAND where
    it is not 0, 128 + N where signal N killed it; 127 COMMAND was not found; 126 it
    can't be executed; 130 or 143 stopped by SIGINT or SIGTERM while it ran; 1 the
    state directory can't be used; 2 wrong usage.

    """
