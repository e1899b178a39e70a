/// The eight words of SHA-256 that each block changes.
struct State {
    var a: UInt32 = 0x6a09_e667
    var b: UInt32 = 0xbb67_ae85
    var c: UInt32 = 0x3c6e_f372
    var d: UInt32 = 0xa54f_f53a
    var e: UInt32 = 0x510e_527f
    var f: UInt32 = 0x9b05_688c
    var g: UInt32 = 0x1f83_d9ab
    var h: UInt32 = 0x5be0_cd19

    /// Takes blocks of 64 bytes.
    mutating func take(_ bytes: UnsafeRawPointer, blocks: Int) {
        // The last sixteen words of the message schedule: each round needs no others.
        var words = InlineArray<16, UInt32>(repeating: 0)
        var (a, b, c, d, e, f, g, h) = (a, b, c, d, e, f, g, h)
        var next = bytes
        let end = bytes + blocks &* 64
        while next != end {
            let start = (a, b, c, d, e, f, g, h)
            for index in 0..<64 {
                let place = index & 15
                if index < 16 {
                    words[unchecked: place] = UInt32(bigEndian: next.loadUnaligned(as: UInt32.self))
                    next += 4
                } else {
                    let early = words[unchecked: (index &+ 1) & 15]
                    let late = words[unchecked: (index &+ 14) & 15]
                    words[unchecked: place] &+=
                        (rotate(early, 7) ^ rotate(early, 18) ^ (early &>> 3))
                        &+ words[unchecked: (index &+ 9) & 15]
                        &+ (rotate(late, 17) ^ rotate(late, 19) ^ (late &>> 10))
                }
                let first =
                    h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ (g ^ (e & (f ^ g)))
                    &+ constants[unchecked: index] &+ words[unchecked: place]
                let second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ ((a & b) | (c & (a | b)))
                (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
            }
            a &+= start.0
            b &+= start.1
            c &+= start.2
            d &+= start.3
            e &+= start.4
            f &+= start.5
            g &+= start.6
            h &+= start.7
        }
        (self.a, self.b, self.c, self.d, self.e, self.f, self.g, self.h) = (a, b, c, d, e, f, g, h)
    }
}

/// Rotates to the right.
@inline(__always)
private func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    word &>> bits | word &<< (32 &- bits)
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let constants: InlineArray<64, UInt32> = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
]
