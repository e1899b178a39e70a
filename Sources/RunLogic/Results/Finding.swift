/// What an answer says of a task.
enum Finding: Equatable, Sendable {
    /// Its seal is here, and says how it ended.
    case seal(Proof)
    /// It is ready, and was so when its log came: without a seal there is no better proof.
    case confirmed
    /// An answer came whole, without its seal.
    case noSeal
    /// Nothing will come.
    case lost
}
