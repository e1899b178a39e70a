/// How a result is to be sealed.
public struct Sealing: Sendable {
    /// The UID of the pod, see `Seal.isUID`.
    let pod: CString
    /// How many bytes of the result are kept at most.
    let maximum: Int

    /// What `maximum` is where nothing is said.
    static var defaultMaximum: Int { 64 << 20 }
}
