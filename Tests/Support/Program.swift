import Foundation

/// An executable under test.
///
/// `RUN_ONCE_BIN` names the folder that holds it, where it is not the package's own build, and
/// `RUN_ONCE_WRAPPER` what runs it where the machine can't, such as `qemu-aarch64-static`.
public struct Program: Sendable {
    public let path: String
    public let wrapper: [String]

    public init(_ name: String) {
        let environment = ProcessInfo.processInfo.environment
        path = (environment["RUN_ONCE_BIN"] ?? productsDirectory) + "/" + name
        wrapper = (environment["RUN_ONCE_WRAPPER"] ?? "").split(separator: " ").map(String.init)
    }

    /// Whether what /proc shows of the process is the executable itself.
    public var isNative: Bool { wrapper.isEmpty }

    /// Whether the executable needs no other file to run: it names no dynamic loader.
    public var isStatic: Bool {
        guard let elf = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped) else { return false }
        func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Int {
            elf.withUnsafeBytes { Int(Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type))) }
        }
        // The program headers of a 64-bit file, see elf(5); type 3 is PT_INTERP.
        let (start, size) = (number(UInt64.self, at: 32), number(UInt16.self, at: 54))
        return (0..<number(UInt16.self, at: 56)).allSatisfy { number(UInt32.self, at: start + $0 * size) != 3 }
    }

    /// The command that runs it.
    public func command(_ arguments: String...) -> [String] {
        command(arguments)
    }

    public func command(_ arguments: [String]) -> [String] {
        wrapper + [path] + arguments
    }
}
