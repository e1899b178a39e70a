import Testing

/// The plugin with the real kubectl on a real cluster. There is one cluster, so that tests run one after the other.
@Suite("On a cluster", .serialized, .enabled(if: Cluster.isGiven, """
    needs a cluster with the images cat-etc-hosts:latest, busybox:stable and kubectl-run-once:latest, where pods reach \
    the API server: `.ci/run` brings it up (`.ci/api-for-pods`), and names what controls it in RUN_ONCE_CLUSTER
    """))
enum ClusterTests {}
