import RunLogic

/// What the user asked for.
public struct Request: Sendable {
    public var source = ManifestSource.builtIn(.etcHosts)
    public var changes = Changes()
    public var container: String?
    /// Of the nodes, where they may not be listed.
    public var architecture: String?
    public var timeout: Seconds = 300
    public var outputDirectory: String?
    /// The folder holds an earlier run: the nodes run that are not done there, and it is brought up to date.
    public var retries = false
    /// The command line to run it again, with these options for what is run, and where the results go; nil where no run
    /// was started.
    public var again: (@Sendable (_ choice: [String]) -> String)?
    /// The command line that runs what a dry run prints, from standard input.
    public var runsPrinted = ""
    /// When more than may fail have, those at work are stopped, too.
    public var failFast = false
    /// How many nodes may fail; nil where all may.
    public var budget: Share?
    /// The prompt comes when all is deleted, and not as soon as the results are there.
    public var waits = true
    /// How many nodes are started at once; nil where all are.
    public var pace: Pace?
    public var keep = false
    public var dryRun: DryRun?
    public var output = OutputFormat.groups
    /// The folder of an earlier run: only nodes with other results than there are shown.
    public var baseline: String?
    public var color = Color.auto
    public var isQuiet = false
    /// Create the run, and leave it to itself.
    public var detach = false
    /// How long a run that was left to itself stays after its timeout.
    public var keepFor: Seconds = 3600
    /// The command reads on every node what this program reads.
    public var readsInput = false
    /// The shell that takes what it reads for its commands, where the command is one.
    public var shell: String?
    public var place = Place()

    public init() {}

    /// What tasks wrote that failed or did not end is wanted, too.
    var wantsEveryLog: Bool { outputDirectory != nil || output != .prefix }

    /// The seconds after which the cluster ends the run by itself.
    func deadline(_ pace: Pace?) -> Seconds { (pace?.latest ?? timeout) + (detach ? keepFor : 120) }
}

/// Nothing is created: what would be is printed, to be run with `-f`. As kubectl has it.
public enum DryRun: String, CaseIterable, Sendable {
    /// No cluster is asked: the one DaemonSet, of which a run makes one for each architecture.
    case client
    /// This cluster's nodes are asked, and whether it would take them: the DaemonSets that it would get.
    case server
}

/// Which cluster and which namespace are meant.
public struct Place: Sendable {
    /// Nil where none is named: then it is the manifest's, or the context's.
    public var namespace: String?
    /// kubectl's global options, as given.
    public var kubectlOptions: [String]

    public init(namespace: String? = nil, kubectlOptions: [String] = []) {
        self.namespace = namespace
        self.kubectlOptions = kubectlOptions
    }
}
