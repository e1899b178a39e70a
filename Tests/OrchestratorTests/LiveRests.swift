import Testing

@testable import Orchestrator

@Suite("What is left of a result") struct LiveRestTests {
    @Test(
        "Lines that are shown are not shown again, whatever else stood among them; all others are",
        arguments: [
            ("", "", ""), ("a\nb\n", "", "a\nb\n"), ("a\nb\n", "a\n", "b\n"), ("a\nb\n", "a\nb\n", ""),
            // No newline at the end; empty lines; the same line several times.
            ("a\nb", "a\nb\n", ""), ("a\n\n\nb\n", "a\n\n", "\nb\n"), ("a\na\na\n", "a\na\n", "a\n"),
            // A log without CRs, and with them.
            ("a\r\nb\r\nc\r\n", "a\nb\n", "c\r\n"), ("a\r\nb\r\n", "a\r\n", "b\r\n"),
            // Written past the agent.
            ("a\nb\nc\n", "stray\na\nstray\nb\nstray\n", "c\n"), ("a\nb\n", "x\ny\n", "a\nb\n"),
        ])
    func rests(result: String, shown: String, left: String) {
        #expect(String(decoding: rest(of: Array(result.utf8), after: Array(shown.utf8)), as: UTF8.self) == left)
    }
}
