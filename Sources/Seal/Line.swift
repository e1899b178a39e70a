/// A line that is read from its start to its end.
struct Reading {
    private let line: UnsafeRawBufferPointer
    private var position = 0

    init(_ line: UnsafeRawBufferPointer) {
        self.line = line
    }

    var isAtEnd: Bool { position == line.count }

    /// Goes past `text`. False, and still where it was, where something else comes next.
    mutating func skip(_ text: StaticString) -> Bool {
        skip(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func skip(_ text: UnsafeRawBufferPointer) -> Bool {
        guard line.count - position >= text.count else { return false }
        for index in 0..<text.count where line[position + index] != text[index] { return false }
        position += text.count
        return true
    }

    /// The next bytes, exactly so many.
    mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer? {
        guard line.count - position >= count else { return nil }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: line[position..<position + count])
    }

    /// A decimal number as programs write it: without a sign, and without zeros in front.
    mutating func number() -> Int? {
        let start = position
        var number = 0
        while position < line.count, 48...57 ~= line[position] {
            let (tens, isTooBig) = number.multipliedReportingOverflow(by: 10)
            let (sum, isStillTooBig) = tens.addingReportingOverflow(Int(line[position] - 48))
            if isTooBig || isStillTooBig { return nil }
            number = sum
            position += 1
        }
        guard position > start, line[start] != 48 || position == start + 1 else { return nil }
        return number
    }
}

/// A line that is written from its start to its end.
struct Writing {
    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
    }

    mutating func append(_ byte: UInt8) {
        precondition(count < buffer.count)
        buffer[count] = byte
        count += 1
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(never)  // or else it is in the program many times
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes { append(byte) }
    }

    /// - Parameter number: not negative.
    mutating func append(_ number: Int) {
        var power = 1
        while number / power >= 10 { power *= 10 }
        while power > 0 {
            append(UInt8(48 + number / power % 10))
            power /= 10
        }
    }
}
