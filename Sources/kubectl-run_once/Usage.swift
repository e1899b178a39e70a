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
      kubectl run-once list [-o json]      the runs that are there
      kubectl run-once attach NAME         follow a run, and leave it as it is
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
      -i, --stdin             pass standard input to COMMAND: 1 MiB, in a Secret
      -f, --filename FILE     run the DaemonSet of this manifest, - for stdin
      -c, --container NAME    the task's container (default: that of the annotation
                              kubectl.kubernetes.io/default-container, or the only)

    On which nodes, if not all Linux ones, tainted and cordoned too (help nodes):
      -l, --selector A=B,...  only nodes with these labels, as 'disk=ssd,!spot'
          --nodes A,B,...     only these nodes, by name; also 'web-*', node/A, and
                              @FILE, which holds such words
          --exclude A,B,...   not these nodes
          --retry DIR         the nodes that are not done in DIR, an --output-dir,
                              which is brought up to date

    How many at a time, and how long (help pace):
      -t, --timeout DURATION  give up after this long: 90s, 5m, 1h30m, or seconds
                              (default: 5m)
          --parallel N|N%     so many nodes at a time, N% rounded up; each then has
                              the --timeout (needs Kubernetes 1.27, and the rights
                              to patch and delete pods)
          --max-failures N|N%
                              stop the run when more nodes than this have failed
                              (default: never); with --parallel nodes not reached
                              count, too, and those at work may finish
          --fail-fast         --max-failures 0, unless that is given; with
                              --parallel nodes at work are stopped, too

    What you see (help output):
      -o, --output FORMAT     groups: nodes that wrote the same together (default)
                              diff: the largest group, and how the others differ
                              prefix: each line after its node's name, as nodes end
                              live: the same while the tasks run
                              json: what became of each node, and what it wrote
                              jsonl: the same, a line for each node when it ends,
                              the last one for the run
                              raw: what one node wrote, alone (with --nodes NODE)
          --baseline DIR      only nodes whose results are not those in DIR, an
                              earlier --output-dir, as diffs; exit status 1 for any
          --output-dir DIR    also write all nodes' output to DIR/NODE.log, failed
                              ones' too, and what became of them to DIR/summary.json
          --max-result SIZE   the most that is kept of a node's output: more is cut,
                              and the exit status is 1 (default: 64Mi)
      -q, --quiet             say nothing as long as all goes well
          --color WHEN        headers and failures in colour: auto (on a terminal,
                              without $NO_COLOR), always, never

    What COMMAND's pods have (help pods):
          --requests A=B,...  what COMMAND asks of a node
                              (default: cpu=1m,memory=4Mi)
          --limits A=B,...    the most that it may take (default: memory=512Mi, with
                              --host none)
          --env NAME=VALUE    a variable for COMMAND, once for each; not with --host
          --labels A=B,...    labels of all that the run creates
          --annotations A=B   an annotation of all that is created, once for each
          --service-account NAME
                              the pods' (default: the namespace's, without a token)
          --image-pull-secret NAME
                              a Secret to pull their images with, once for each

    Where the agent comes from, which runs the task (help agent):
          --agent-image IMAGE
                              take the agent from this image, and not from a
                              ConfigMap of the run (default: $RUN_ONCE_AGENT_IMAGE;
                              where --version tells of none, cat-etc-hosts:latest);
                              without a tag it is that of this version
          --arch ARCH         of the nodes, if you may not list them: amd64
                              (default) or arm64

    What is created, and what stays (help run):
          --name NAME         of the run (default: run-once- and five characters)
          --keep              delete nothing: kubectl run-once delete does it later
          --wait              end when all is deleted (default); --wait=false leaves
                              that to the cluster
          --detach            create the run, print its name, end: no --parallel
          --keep-for DURATION
                              how long what was detached stays after the timeout
                              (default: 1h)
          --dry-run           print the DaemonSet, input for -f, and create nothing;
                              --dry-run=server has the cluster check it, and prints
                              a List where there are two architectures

    Which cluster (help cluster):
      -n/--namespace, --context, --kubeconfig and kubectl's other global options are
      as in kubectl. Needs kubectl 1.20 or later, curl 7.75 or later, and diff to
      compare.
      -A, --all-namespaces    with list: the runs of all namespaces
      -h, --help              print this, or help for a subcommand
          --version           print the version

    Exit status (help status):
      0    every node is done
      1    a node failed or was not reached; a result is lost, cut, could not be
           written, or is not that of --baseline
      2    wrong usage, or a bad manifest: nothing was created
      3    the cluster refused, can't be reached, or has no node that is meant; or
           all is done, but was not deleted
      124  timed out
      129, 130, 131, 143  stopped by SIGHUP, Ctrl-C, Ctrl-\\, SIGTERM
    Results go to standard output, everything else to standard error.
    """
