@testable import RunLogic
import Testing

@Suite("Pods that go") struct DepartureStories {
    private let many = Set((0..<500).map { "pod-\($0)" })

    @Test("Many are looked for once a second; a few are watched until it is time to ask about their nodes")
    func pauses() {
        var departure = Departure()
        #expect(departure.look(many, at: 0) == .look(after: 1))
        #expect(departure.look(["a", "b"], at: 4) == .watch(atMost: 10))
        #expect(departure.look(["a"], at: 5) == .watch(atMost: 10))
        #expect(departure.look(["a"], at: 8) == .watch(atMost: 7))
    }

    @Test("A cluster that does not say is looked at often at first, and once a second when that takes long")
    func silence() {
        var departure = Departure()
        for time in 0..<9 {
            guard case .look(let pause) = departure.look(nil, at: Double(time)) else {
                Issue.record("at \(time) s")
                return
            }
            #expect(time < 5 ? (0.2...0.5).contains(pause) : (0.5...1).contains(pause))
        }
    }

    @Test("As long as they go they are waited for, however long that takes")
    func manyTakeLong() {
        var departure = Departure()
        for time in 0..<480 {
            guard case .look = departure.look(Set(many.dropFirst(time)), at: Double(time)) else {
                Issue.record("at \(time) s")
                return
            }
        }
        #expect(departure.look([], at: 480) == .gone)
    }

    @Test("Pods that come anew for ever are given up after a quarter of an hour")
    func madeAnew() {
        var departure = Departure()
        #expect(departure.look(["pod-899"], at: 899) != .giveUp)
        #expect(departure.look(["pod-900"], at: 900) == .giveUp)
    }

    @Test("When none has gone for ten seconds the nodes are asked about, every ten seconds")
    func stuck() {
        var departure = Departure()
        let asked = (0..<60).filter { departure.look(["a", "b"], at: Double($0)) == .askAboutNodes }
        #expect(asked == [10, 20, 30, 40, 50])
        #expect(departure.look(["a"], at: 59.5) != .askAboutNodes)
    }

    @Test("After two minutes in which none has gone they are given up")
    func givenUp() {
        var departure = Departure()
        _ = departure.look(["a", "b"], at: 0)
        for time in 5..<125 { #expect(departure.look(["a"], at: Double(time)) != .giveUp) }
        #expect(departure.look(["a"], at: 125) == .giveUp)
    }

    @Test("A cluster that has not said anything for a minute is given up")
    func silent() {
        var departure = Departure()
        for time in 0..<60 { #expect(departure.look(nil, at: Double(time)) != .giveUp) }
        _ = departure.look(["a"], at: 60)
        for time in 61..<120 { #expect(departure.look(nil, at: Double(time)) != .giveUp) }
        #expect(departure.look(nil, at: 120) == .giveUp)
    }
}
