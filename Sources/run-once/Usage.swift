import RunOnce

/// What `--help` prints.
let usage: CString = """
    Usage: run-once [--state-dir DIR] [--seal UID] [--stdin FILE] [--host] [--] COMMAND...
           run-once --ready [--wait SECONDS] [--state-dir DIR]
           run-once --result [--from OFFSET] [--state-dir DIR]
           run-once --install DIR

    Runs COMMAND at most once per pod, then waits to be stopped. Once COMMAND has ended
    with 0, the standard streams are closed, and the pod becomes Ready. A container that
    is restarted does not run COMMAND again.

    What COMMAND leaves running when it ends has a second to end, and is killed then.
    SIGTERM, SIGINT, SIGQUIT and SIGHUP go to all that COMMAND started, which has until
    SIGKILL to end. Other signals go to COMMAND. With --host, what left COMMAND's process
    group is neither signalled nor killed.

      --state-dir DIR   where to remember how far it got, in a volume that outlives the
                        container: one directory for each container (default: /run/run-once)
      --seal UID        keep the result there, too, and end the log with its length and
                        SHA-256, in a line that names the pod by its UID
      --max-result N    keep N bytes at most (default: 67108864)
      --stdin FILE      what COMMAND has as its standard input
      --host            run COMMAND in the mount, UTS, IPC, network and cgroup namespaces
                        of the host's process 1, in /, with only HOME, PATH and NODE. A
                        daemon must not keep standard output open: use systemd-run.
                        Takes root, a privileged container and hostPID
      --host-process N  the same with process N
      --ready           the readiness probe: 0 once COMMAND has ended with 0, else 1
      --wait SECONDS    wait for that; tell it late when it was told before
      --result          write what --seal keeps, and the line
      --from OFFSET     leave out so many bytes
      --install DIR     copy this program to DIR/run-once
      --help            print this
      --version         print the version

    Exit status: 0 stopped after COMMAND; that of COMMAND where it is not 0, 128 + N
    where signal N killed it or asked to stop while it ran; 127 COMMAND was not found;
    126 it can't be executed; 1 a system call failed; 2 wrong usage.

    """
