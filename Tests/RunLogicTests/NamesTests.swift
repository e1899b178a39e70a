import RunLogic
import Testing

@Suite("Names of nodes") struct NamesTests {
    @Test(
        "They are folded so that each can be told from it",
        arguments: [
            (["a"], "a"), (["b", "a"], "a, b"), (["node-1", "node-3"], "node-[1,3]"),
            (["n10", "n9", "n8", "n1"], "n[1,8-10]"), (["n1", "n2", "other"], "n[1-2], other"),
            (["rack-08", "rack-09", "rack-10", "rack-11"], "rack-[08-11]"), (["n01", "n1", "n2"], "n01, n[1-2]"),
            (["ip-10-0-0-5.ec2.internal", "ip-10-0-0-6.ec2.internal"], "ip-10-0-0-[5-6].ec2.internal"),
            (["a-1-x", "a-1-y", "b-2-x"], "a-1-x, a-1-y, b-2-x"),
            (["p1-n1", "p1-n2", "p2-n1", "p2-n2"], "p1-n[1-2], p2-n[1-2]"),
            (["p1-n1", "p2-n1", "p3-n1"], "p[1-3]-n1"),
            (["n-99999999999999999999991", "n-99999999999999999999992"], nil),
        ] as [([String], String?)])
    func folding(names: [String], text: String?) {
        #expect(folded(names) == text ?? names.joined(separator: ", "))
        #expect(folded(names.reversed()) == folded(names))
    }

    @Test("What does not fit is left out at the end, and that is shown")
    func cut() {
        let names = (1...400).filter { $0 <= 100 || $0 % 2 == 1 }.map { "fake-\($0)" }
        let text = folded(names, atMost: 60)
        #expect(text.hasPrefix("fake-[1-101,103,105,") && text.hasSuffix(",…]") && text.count <= 60, "\(text)")
        let plain = folded(["alpha", "beta", "gamma"], atMost: 16)
        #expect(plain == "alpha, beta, …")
    }

    @Test("They are in natural order; more than ten are folded and counted")
    func order() {
        #expect(list(["node-10", "node-9", "edge", "node-09"]) == "edge, node-09, node-9, node-10")
        #expect(list((1...12).map { "node-\($0)" }) == "node-[1-12] (12 nodes)")
    }
}
