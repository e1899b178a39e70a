/// A command line, or the rest of it: pointers to strings, of which the last is followed by a null pointer.
public struct Arguments {
    private var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    /// - Parameter vector: `argv` as the C library passes it to the program's entry point.
    public init(_ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        next = vector
    }

    /// The first argument, nil where there is none left.
    public var first: CString? {
        next.pointee.map { CString($0) }
    }

    /// Goes on to the next argument, where there is one.
    public mutating func removeFirst() {
        if next.pointee != nil { next += 1 }
    }
}
