import Testing

/// The plugin with the real kubectl on a real cluster. They wait more than they work: `.ci/cluster-tests` has several
/// test processes side by side, and the tests of one run one after the other.
@Suite(
    "On a cluster", .serialized,
    .enabled(
        if: Cluster.isGiven,
        """
        needs a cluster with the images cat-etc-hosts:latest, busybox:stable and kubectl-run-once:latest, where pods reach \
        the API server, in a world of its own: `.ci/cluster-tests` brings it up, and names what controls it in \
        RUN_ONCE_CLUSTER
        """))
enum ClusterTests {}
