import Glibc
import RunOnce

extension CString {
    /// - Parameter text: a copy of it is never freed.
    init(_ text: String) {
        self.init(UnsafePointer(strdup(text)!))
    }

    /// As Swift's own type, which can be compared and shown.
    var string: String { String(cString: start) }
}

extension Arguments {
    /// A command line, which is never freed.
    init(_ arguments: [String]) {
        let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
        for (index, argument) in arguments.enumerated() { vector[index] = strdup(argument) }
        vector[arguments.count] = nil
        self.init(vector)
    }

    /// All that are left.
    var strings: [String] {
        var (rest, strings) = (self, [String]())
        while let first = rest.first {
            strings.append(first.string)
            rest.removeFirst()
        }
        return strings
    }
}

/// What a `Failure` says, in a form that can be compared and shown.
struct Reason: Equatable {
    let operation: String
    let object: String?
    let code: Int32

    init(_ operation: String, _ object: String?, _ code: Int32) {
        self.operation = operation
        self.object = object
        self.code = code
    }

    /// What `body` fails with, nil where it succeeds.
    init?(of body: () throws(Failure) -> Void) {
        do {
            try body()
            return nil
        } catch {
            self.init(error.operation.string, error.object?.string, error.code)
        }
    }
}
