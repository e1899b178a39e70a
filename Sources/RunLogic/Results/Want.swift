/// A result that is wanted, and how far that is.
struct Want: Sendable {
    enum Aim: Sendable {
        /// It is to prove how the task ended.
        case proof
        /// The task has failed, and this is what it wrote.
        case failure
        /// The task has not ended, and this is what it wrote until now.
        case part
    }

    enum Way: Sendable {
        case log
        /// From the node itself: the log did not prove it.
        case node
    }

    enum Step: Equatable, Sendable {
        case wanted
        /// Its request is underway; so its container was shown when that was made.
        case underway(LogRequest, Mark?)
        /// Its log is here; at this time it is to be looked at whether it is ready still, with the same container.
        case shown(Mark?, at: Seconds)
        case looking(Mark?)
    }

    let pod: PodID
    var log: LogSource
    var aim: Aim
    let since: Seconds
    var way = Way.log
    var step = Step.wanted
    /// How many answers came without its seal.
    var unsealed = 0
    /// How often its node could not be asked.
    var refusals = 0
    /// How long after its container its log begins, which has no seal.
    var delay: Seconds?
}
