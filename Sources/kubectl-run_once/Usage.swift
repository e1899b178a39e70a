/// What --help prints first: all that most people need.
let overview = """
    Run a command once on every node of a Kubernetes cluster, print what each node
    answered, and delete all that was created for it.

    Examples:
      # The kernel of every node: nodes that answer the same are shown together
      kubectl run-once --image busybox:stable -- uname -r

      # On the node itself, as root
      kubectl run-once --host -- uptime

      # On ten percent of the nodes at a time
      kubectl run-once --parallel 10% --host -- systemctl restart chronyd

      # A script from a file
      kubectl run-once -i --image busybox:stable -- sh -s < script.sh

    Usage:
      kubectl run-once [OPTIONS] --image IMAGE -- COMMAND [ARG...]
      kubectl run-once [OPTIONS] --host -- COMMAND [ARG...]
      kubectl run-once [OPTIONS] -f FILE   a DaemonSet of your own
      kubectl run-once [OPTIONS] hosts     print every node's /etc/hosts
      kubectl run-once list                the runs that are there
      kubectl run-once attach NAME         follow a run, and print its results
      kubectl run-once delete NAME...      delete all of a run
      kubectl run-once help [TOPIC]        all options, or those of a topic:
        command, nodes, pace, output, pods, agent, run, cluster, status
    """

/// The rest of --help: each part is a topic, which `help NAME` prints alone; an empty line ends it.
let options = """
    What runs (help command):
          --image IMAGE       run COMMAND in this image, not as root
          --host              run COMMAND on the node itself, as root: in the
                              namespaces of its process 1, from a privileged pod
      -i, --stdin             give COMMAND this standard input on every node: 1 MiB
                              at most, in a Secret of the run
      -f, --filename FILE     run the DaemonSet of this manifest, - for stdin
      -c, --container NAME    the container that holds the task (default: the
                              annotation kubectl.kubernetes.io/default-container,
                              or the only container)

    On which nodes (help nodes):
      -l, --selector SELECTOR
                              only nodes with these labels, as disk=ssd,!spot
          --nodes A,B,...     only these nodes, by name; also 'web-*', node/A, and
                              @FILE, which holds such words
          --exclude A,B,...   not these nodes
          --retry DIR         the nodes that are not done in DIR, the --output-dir
                              of an earlier run, which is brought up to date; the
                              exit status is that of these nodes

    How many at a time, and how long (help pace):
      -t, --timeout DURATION  give up after this long: 90s, 5m, 1h30m, or seconds
                              (default: 5m)
          --parallel N|N%     so many nodes at a time, and the next one when one has
                              ended; --timeout is then for each node, from its start
                              (needs Kubernetes 1.27, and the right to patch pods)
          --max-failures N|N%
                              stop when more nodes than this have failed; with
                              --parallel, also where they were not reached: no more
                              are started, and those at work end (with --fail-fast
                              they are stopped)
          --fail-fast         stop when the first node fails: --max-failures 0

    What you see (help output):
      -o, --output FORMAT     groups: nodes that wrote the same together, at the
                              end, those that failed last (default)
                              diff: the largest group, and how each other one
                              differs from it (needs diff)
                              prefix: each line after its node's name, as soon as
                              that node is done
                              live: the same while the tasks run
                              json: what became of each node, and what it wrote
                              jsonl: the same, a line for each node as soon as it
                              has ended, the last one for the run
                              raw: what one node wrote, alone (with --nodes NODE)
                              With list: json, or a table
          --baseline DIR      only the nodes whose results are not those in DIR,
                              the --output-dir of an earlier run, and how they
                              differ; exit status 1 where one does
          --output-dir DIR    also write each node's output to DIR/NODE.log, failed
                              nodes' too, and what became of each node to
                              DIR/summary.json
          --max-result SIZE   so much of what a node's task writes is kept for you;
                              of a node that wrote more it is cut, and the exit
                              status is 1 (default: 64Mi)
      -q, --quiet             say nothing as long as all goes well
          --color WHEN        headers and failures in colour: auto (on a terminal,
                              without $NO_COLOR), always, never

    What COMMAND's pods have (help pods):
          --requests A=B,...  what COMMAND asks of a node
                              (default: cpu=1m,memory=4Mi)
          --limits A=B,...    the most that it may take (default: memory=512Mi, with
                              --host none)
          --env NAME=VALUE    a variable of COMMAND's environment, once for each;
                              not with --host
          --labels A=B,...    labels of all that the run creates
          --annotations A=B   an annotation of all that the run creates, once for
                              each
          --service-account NAME
                              the pods' service account (default: the namespace's,
                              without a token)
          --image-pull-secret NAME
                              the Secret that gets their images from a registry,
                              once for each

    Where the agent comes from, which runs the task (help agent):
          --agent-image IMAGE
                              take the agent from this image and not from this
                              program, which brings it to the nodes in a ConfigMap
                              of the run (default: $RUN_ONCE_AGENT_IMAGE; where
                              --version says that it carries none,
                              cat-etc-hosts:latest)
          --arch ARCH         of the nodes, where they may not be listed: amd64
                              (default) or arm64

    What is created, and what stays (help run):
          --name NAME         of the run (default: run-once- and five letters)
          --keep              delete nothing at the end
          --wait              until all is deleted (default); with --wait=false the
                              cluster does that by itself
          --detach            create the run, print its name and leave it to itself,
                              until somebody attaches to it
          --keep-for DURATION
                              how long what was detached stays after the timeout
                              (default: 1h)
          --dry-run           print the DaemonSet that would be created, and stop:
                              -f runs it. This asks no cluster; --dry-run=server
                              does, and prints what it would get: where it has
                              amd64 and arm64 nodes, a List of two DaemonSets

    Which cluster (help cluster):
      -n/--namespace, --context, --kubeconfig and kubectl's other global options are
      as in kubectl. Needs kubectl 1.20 or later, curl 7.75 or later, and diff to
      compare.
      -A, --all-namespaces    with list: the runs of all namespaces
      -h, --help              print this; after a subcommand, what that does
          --version           print the version

    Exit status (help status):
      0    every node is done
      1    a node failed or was not reached; a result is lost, cut, could not be
           written, or is not that of --baseline
      2    wrong usage, or a bad manifest: nothing was created
      3    the cluster refused, can't be reached, or still has what the run created
      124  timed out
      129, 130, 143  stopped by SIGHUP, Ctrl-C, SIGTERM
    Results go to standard output, everything else to standard error.
    """
