import Seal
import Testing

/// A result is called whole where its hash is the seal's: both sides must compute what everybody calls SHA-256.
@Suite struct SHA256Tests {
    @Test(
        "The hashes are those of FIPS 180, and of sha256sum",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                    + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
        ])
    func knownHashes(_ text: String, _ hash: String) {
        #expect(digest(Array(text.utf8)).hex == hash)
    }

    @Test("A million bytes, which is longer than any buffer, have the hash of FIPS 180")
    func aMillion() {
        let hash = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(digest(Array(repeating: 97, count: 1_000_000)).hex == hash)
    }

    @Test("Each length around the ends of blocks has a hash of its own, which differs from that with a byte more")
    func lengths() {
        var seen: Set<Digest> = []
        for length in 0...300 { #expect(seen.insert(digest(Array(repeating: 0, count: length))).inserted) }
    }

    @Test("In how many pieces bytes come, and where they are cut, changes nothing")
    func pieces() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let whole = digest(bytes)
        for first in 0...bytes.count {
            for second in stride(from: first, through: bytes.count, by: 7) {
                var hash = SHA256()
                for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    piece.withUnsafeBytes { hash.update($0) }
                }
                #expect(hash.digest() == whole, "cut at \(first) and \(second)")
            }
        }
    }

    @Test("To ask for the hash halfway does not change it")
    func halfway() {
        let bytes = [UInt8](0..<200)
        var hash = SHA256()
        for byte in bytes {
            withUnsafeBytes(of: byte) { hash.update($0) }
            _ = hash.digest()
        }
        #expect(hash.digest() == digest(bytes))
    }
}

func digest(_ bytes: [UInt8]) -> Digest {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.digest()
}
