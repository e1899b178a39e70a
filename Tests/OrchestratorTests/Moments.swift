import Testing
@testable import Orchestrator

@Suite("Moments") struct TimestampTests {
    @Test(
        "A log's times are the node's own, and mean the same moment in every zone",
        arguments: [
            "2026-11-25T10:14:59Z", "2026-11-25T10:14:59.123456789Z", "2026-11-25T12:14:59.5+02:00",
            "2026-11-25T05:14:59.123456789-05:00", "2026-11-25T15:59:59+05:45",
        ])
    func zones(text: String) {
        #expect(Timestamp(text) == Timestamp(seconds: 1_795_601_699))
    }

    @Test(
        "The server's clock is that of HTTP",
        arguments: [
            ("Wed, 25 Nov 2026", "2026-11-25"), ("Sat, 05 Sep 2026", "2026-09-05"), ("Sun, 11 Oct 2026", "2026-10-11"),
        ])
    func http(day: String, date: String) {
        #expect(Timestamp(httpDate: "\(day) 10:14:59 GMT")?.text == "\(date)T10:14:59Z")
    }

    @Test(
        "What is no time of a log is none",
        arguments: [
            "", "2026-11-25T10:14:59", "2026-11-25T10:14:59.1?", "unable to retrieve",
        ])
    func noTime(text: String) {
        #expect(Timestamp(text) == nil)
    }
}
