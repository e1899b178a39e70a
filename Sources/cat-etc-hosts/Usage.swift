import RunOnce

/// What `--help` prints.
let usage: CString = """
    Usage: cat-etc-hosts [--state-dir DIR] [--seal UID] [FILE]
           cat-etc-hosts --ready [--wait SECONDS] [--state-dir DIR]
           cat-etc-hosts --result [--from OFFSET] [--state-dir DIR]

    Copies FILE to standard output at most once per pod, then waits to be stopped.
    It is the entry point of a DaemonSet's container: once FILE is copied, the standard
    streams are closed, the pod becomes Ready, and nothing more happens until the pod is
    deleted. A container that is restarted copies nothing.

      FILE              what to copy (default: /node/etc/hosts)
      --state-dir DIR   where to remember how far it got, in a volume that outlives the
                        container, such as an emptyDir: one directory for each container
                        (default: /run/run-once)
      --seal UID        keep the result there, too, and end the log with its length and
                        SHA-256, in a line that names the pod by its UID
      --max-result N    keep N bytes at most, and leave 10 % of the disk free (default:
                        67108864)
      --ready           the readiness probe: tell by the exit status, 0 or 1, whether
                        FILE was copied
      --wait SECONDS    wait for that; tell it late when it was told before
      --result          write what --seal keeps, and the line
      --from OFFSET     leave out so many bytes
      --help            print this
      --version         print the version

    Exit status: 0 stopped after the task, by any signal that a process sent; 1 the
    task failed; 2 wrong usage; 128 + N stopped by signal N during the task: SIGTERM,
    SIGINT, SIGQUIT or SIGHUP.

    """
