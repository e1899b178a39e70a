/// What --help prints.
let usage = """
    Run a task once on every node of a Kubernetes cluster and print the results.

    Usage:
      kubectl run-once [OPTIONS] --image IMAGE -- COMMAND [ARG...]
                                        run COMMAND in IMAGE
      kubectl run-once [OPTIONS] --host -- COMMAND [ARG...]
                                        run COMMAND on the node itself, as root
      kubectl run-once [OPTIONS] -f FILE
                                        run the DaemonSet of a manifest, - for standard input
      kubectl run-once [OPTIONS]        print every node's /etc/hosts
      kubectl run-once attach NAME      (with --output-dir, -o, -q, --color)
                                        follow a run, print its results, and leave it as it is
      kubectl run-once list [-A]        the runs that are there, in all namespaces with -A/--all-namespaces
      kubectl run-once delete NAME...   delete all of a run

    Creates a DaemonSet, waits until its pods are Ready, which means that their task is done, prints what each of them
    wrote, and deletes all it created. Nodes that wrote the same are shown together. Results go to standard output,
    everything else to standard error.

    Options:
          --image IMAGE           what COMMAND runs in
          --host                  run COMMAND in the namespaces of the node's process 1, with the node's files and
                                  programs: in a privileged pod with hostPID and hostNetwork, as root
      -i, --stdin                 give COMMAND this standard input on every node: 1 MiB at most, in a Secret of the run
      -f, --filename FILE         the manifest of one DaemonSet
      -c, --container NAME        the container that holds the task (default: the annotation
                                  kubectl.kubernetes.io/default-container, or the only container)
      -l, --selector SELECTOR     only nodes with these labels, such as disk=ssd,!spot
          --nodes A,B,...         only these nodes, by name; also 'web-*', node/A, and @FILE, which holds such words
          --exclude A,B,...       not these nodes
          --retry DIR             the nodes that are not done in DIR, the --output-dir of an earlier run, which is
                                  brought up to date
      -t, --timeout DURATION      give up after this long: 90s, 5m, 1h30m, or seconds (default: 5m)
          --parallel N|N%         so many nodes at a time, and the next one when one has ended; --timeout is then
                                  for each node from its start (needs Kubernetes 1.27, and the right to patch pods)
          --max-failures N|N%     stop when more nodes than this have failed; with --parallel, also where they were not
                                  reached: no more are started, and those at work end (with --fail-fast they don't)
          --fail-fast             stop when the first node fails: --max-failures 0
          --output-dir DIR        also write each node's output to DIR/NODE.log, failed nodes' too, and what became of
                                  each node to DIR/summary.json
      -o, --output FORMAT         groups: nodes that wrote the same together, at the end, those that failed last
                                  (default); diff: the largest group, and how each other one differs from it; prefix:
                                  each line after its node's name, as soon as that node is done; live: the same while
                                  the tasks run; json: what became of each node and what it wrote; jsonl: the same, a
                                  line for each node as soon as it has ended, the last one for the run; raw: what one
                                  node wrote, and nothing else (with --nodes NODE)
          --baseline DIR          only the nodes whose results are not those in DIR, the --output-dir of an earlier run,
                                  and how they differ; 1 where one does
          --max-result SIZE       so much of what a node's task writes is kept for you; a node that wrote more counts as
                                  done without its result (default: 64Mi)
      -q, --quiet                 say nothing as long as all goes well
          --color WHEN            headers and failures in colour: auto (on a terminal, without $NO_COLOR), always, never
          --name NAME             of the DaemonSet of a COMMAND (default: run-once- and five letters)
          --agent-image IMAGE     take the agent from this image and not from this program, which brings it to the nodes
                                  in a ConfigMap of the run (default: $RUN_ONCE_AGENT_IMAGE; where --version says that
                                  this program carries none, cat-etc-hosts:latest)
          --arch ARCH             of the nodes, where they may not be listed: amd64 (default) or arm64
          --requests A=B,...      what COMMAND asks of a node (default: cpu=1m,memory=4Mi)
          --limits A=B,...        the most that it may take (default: memory=512Mi, with --host none)
          --env NAME=VALUE        a variable of COMMAND's environment, once for each; not with --host
          --labels A=B,...        labels of all that the run creates
          --annotations A=B       an annotation of all that the run creates, once for each
          --service-account NAME  of COMMAND's pods (default: the namespace's, without a token)
          --image-pull-secret NAME
                                  the Secret that gets their images from a registry, once for each
          --keep                  delete nothing at the end
          --wait                  until all is deleted (default); with --wait=false the cluster does it by itself
          --detach                create the run, print its name and leave it to itself, until somebody attaches to it
          --keep-for DURATION     how long what was detached stays after the timeout (default: 1h)
          --dry-run               print the DaemonSet that would be created, and stop
      -h, --help                  print this
          --version               print the version

    -n/--namespace, --context, --kubeconfig and kubectl's other global options are as in kubectl.

    Needs kubectl 1.20 or later, and curl 7.75 or later; for differences diff.

    Exit status: 0 every node is done; 1 a node failed or could not be reached, or a result not be written, or is not
    that of --baseline; 2 wrong usage, or a bad manifest: nothing was created; 3 the cluster refused, can't be reached,
    or still has what the run created; 124 timed out; 129, 130, 143 stopped by SIGHUP, Ctrl-C, SIGTERM.
    """
