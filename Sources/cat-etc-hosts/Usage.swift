import RunOnce

/// What `--help` prints.
let usage: CString = """
    Usage: cat-etc-hosts [--state-dir DIR] [FILE]
           cat-etc-hosts --ready [--state-dir DIR]

    Copies FILE to standard output at most once per pod, then waits to be stopped.
    It is the entry point of a DaemonSet's container: once FILE is copied, the standard
    streams are closed, the pod becomes Ready, and nothing more happens until the pod is
    deleted. A container that is restarted copies nothing.

      FILE              what to copy (default: /node/etc/hosts)
      --state-dir DIR   where to remember how far it got, in a volume that outlives the
                        container, such as an emptyDir: one directory for each container
                        (default: /run/run-once)
      --ready           the readiness probe: tell by the exit status, 0 or 1, whether
                        FILE was copied
      --help            print this
      --version         print the version

    Exit status: 0 stopped after the task, by any signal that a process sent; 1 the
    task failed; 2 wrong usage; 128 + N stopped by signal N during the task: SIGTERM,
    SIGINT, SIGQUIT or SIGHUP.

    """
