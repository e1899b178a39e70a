import Testing

/// The plugin with the real kubectl on a real cluster. There is one cluster, so that tests run one after the other.
@Suite("On a cluster", .serialized, .enabled(if: Cluster.isGiven, """
    needs a cluster: `.ci/cluster up 3`, `.ci/cluster load` with the archives of the images cat-etc-hosts:latest and \
    busybox:stable (`.ci/busybox-image`), then `RUN_ONCE_CLUSTER=$PWD/.ci/cluster swift test --filter ClusterTests`
    """))
enum ClusterTests {}
