/// What a server sends over a websocket, read from what `curl --include` gives: the answer's head, then frames, see
/// RFC 6455. Nothing is ever sent: a ping stays without an answer, which API servers do not wait for.
///
/// A value without I/O. However the bytes are cut into pieces, the same comes out, and none of a message is held back.
struct WebSocket: Sendable {
    enum Piece {
        /// Bytes of a message.
        ///
        /// - Parameter isStart: whether they are its first. A message may well be cut into many pieces.
        case message(UnsafeRawBufferPointer, isStart: Bool)
        /// The server has said its last.
        case closed
        /// These bytes are no websocket, and nothing more is read.
        case broken(String)
    }

    /// An answer that is no websocket. Its body is complete when the stream is.
    struct Refusal: Equatable, Sendable {
        let code: Int
        private(set) var body: [UInt8] = []

        fileprivate mutating func add(_ bytes: UnsafeRawBufferPointer) {
            body += bytes.prefix(WebSocket.longestText - body.count)
        }
    }

    private enum State {
        case head
        /// The answer is another one.
        case refused
        case frameHead
        case payload(left: Int)
        /// What is in a ping, a pong or a close frame.
        case control(left: Int)
        case ended
    }

    /// More than any head or refusal of an API server has.
    fileprivate static let longestText = 1 << 16

    private var state = State.head
    /// The bytes of a head that is not complete yet.
    private var head: [UInt8] = []
    private(set) var refusal: Refusal?
    /// A message has begun and not ended; whether any of it was passed.
    private var isInMessage = false
    private var isMessageStart = false
    private var endsMessage = false
    private var isClosing = false

    /// Takes the bytes that come next off `bytes`, up to the end of the first piece in them.
    ///
    /// - Returns: nil where `bytes` has no further piece, and is empty.
    mutating func next(_ bytes: inout UnsafeRawBufferPointer) -> Piece? {
        while true {
            switch state {
            case .payload(0), .control(0): if let piece = endFrame() { return piece }
            case _ where bytes.isEmpty: return nil
            case .head: if let piece = readHead(&bytes) { return piece }
            case .refused:
                let more = take(&bytes, bytes.count)
                refusal?.add(more)
            case .frameHead: if let piece = readFrameHead(&bytes) { return piece }
            case .payload(let left):
                let piece = take(&bytes, left)
                state = .payload(left: left - piece.count)
                defer { isMessageStart = false }
                return .message(piece, isStart: isMessageStart)
            case .control(let left): state = .control(left: left - take(&bytes, left).count)
            case .ended: _ = take(&bytes, bytes.count)
            }
        }
    }

    private func take(_ bytes: inout UnsafeRawBufferPointer, _ count: Int) -> UnsafeRawBufferPointer {
        let taken = UnsafeRawBufferPointer(rebasing: bytes.prefix(count))
        bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(count))
        return taken
    }

    private mutating func end(_ piece: Piece) -> Piece {
        state = .ended
        return piece
    }

    // MARK: The answer's head

    private mutating func readHead(_ bytes: inout UnsafeRawBufferPointer) -> Piece? {
        while let byte = bytes.first {
            head.append(byte)
            bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
            if byte == UInt8(ascii: "\n") && head.suffix(4) == [13, 10, 13, 10] { break }
            if head.count == WebSocket.longestText { return end(.broken("the answer has no end of its head")) }
        }
        guard head.suffix(4) == [13, 10, 13, 10] else { return nil }
        let words = head.prefix { $0 != 13 }.split(separator: UInt8(ascii: " "))
        head = []
        guard words.count > 1, words[0].starts(with: "HTTP/".utf8),
            let code = Int(String(decoding: words[1], as: UTF8.self))
        else {
            return end(.broken("an answer that is not HTTP"))
        }
        switch code {
        case 101: state = .frameHead
        case 100..<200: state = .head
        default: (refusal, state) = (Refusal(code: code), .refused)
        }
        return nil
    }

    // MARK: Frames

    private mutating func readFrameHead(_ bytes: inout UnsafeRawBufferPointer) -> Piece? {
        while head.count < frameHeadLength {
            guard let byte = take(&bytes, 1).first else { return nil }
            head.append(byte)
        }
        defer { head = [] }
        let (flags, code) = (head[0] & 0xf0, head[0] & 0x0f)
        let isFinal = flags == 0x80
        guard isFinal || flags == 0 else { return end(.broken("a frame of an extension")) }
        guard head[1] < 0x80 else { return end(.broken("a masked frame")) }
        let length = head.count == 2 ? UInt64(head[1]) : head[2...].reduce(0) { $0 << 8 | UInt64($1) }
        guard let length = Int(exactly: length) else { return end(.broken("a frame without an end")) }
        switch code {
        case 0 where isInMessage: break
        case 1...2 where !isInMessage: (isInMessage, isMessageStart) = (true, true)
        case 8...10 where isFinal && length < 126:
            isClosing = code == 8
            state = .control(left: length)
            return nil
        default: return end(.broken("a frame that can't be there"))
        }
        endsMessage = isFinal
        state = .payload(left: length)
        return nil
    }

    /// As far as is known: it grows with the second byte, which says how the length is written.
    private var frameHeadLength: Int {
        guard head.count > 1 else { return 2 }
        return switch head[1] & 0x7f {
        case 126: 4
        case 127: 10
        default: 2
        }
    }

    private mutating func endFrame() -> Piece? {
        if case .payload = state {
            if endsMessage { isInMessage = false }
        } else if isClosing {
            return end(.closed)
        }
        state = .frameHead
        return nil
    }
}
