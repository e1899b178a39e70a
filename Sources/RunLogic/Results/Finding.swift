/// What an answer says of a task.
enum Finding: Equatable, Sendable {
    /// Its seal is here, and says how it ended.
    case seal(Proof)
    /// An answer came whole, without its seal.
    case noSeal
    /// Nothing more will come: its result is here, as much of it as there is, or is lost.
    case settled
}
