import Diagnosis
import NetValues
import Observations
import Testing

@testable import Reporting

@Suite struct LivePictureTests {
    // MARK: Scenes

    private static func ms(_ value: Double) -> Duration { .milliseconds(value) }

    private static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    /// A round over four hops: the second answers every third packet, the third is two routers, the fourth is the target, which
    /// loses what `loses` says.
    private static func round(_ number: Int, carrier: SoundingFact.Carrier = .icmp, loses: Bool = false) throws
        -> TraceFact
    {
        let wobble = Double(number % 4) * 0.1
        let third = try address(number % 2 == 0 ? "198.18.3.1" : "198.18.3.2")
        let labels = [MPLSLabel(label: 16005, trafficClass: 0, isBottom: true, hopLimit: 1)]
        let hops = [
            PathHop(limit: 1, outcome: .expired(try address("198.18.1.1")), roundTrip: ms(0.2 + wobble)),
            number % 3 == 0
                ? PathHop(
                    limit: 2, outcome: .expired(try address("198.18.2.1")), roundTrip: ms(4 + wobble), labels: labels)
                : PathHop(limit: 2, outcome: .silent, roundTrip: nil),
            loses
                ? PathHop(limit: 3, outcome: .silent, roundTrip: nil)
                : PathHop(limit: 3, outcome: .expired(third), roundTrip: ms(12 + wobble)),
            loses
                ? PathHop(limit: 4, outcome: .silent, roundTrip: nil)
                : PathHop(limit: 4, outcome: .answered, roundTrip: ms(number == 7 ? 180 : 20 + wobble)),
        ]
        return TraceFact(
            destination: Endpoint(try address("198.18.9.9"), 0), carrier: carrier, source: nil,
            flows: [PathFlow(number: 0, sourcePort: nil, hops: hops)], elapsed: .zero)
    }

    private static func trace(
        _ rounds: Int = 12, name: String = "shop.example", carrier: SoundingFact.Carrier = .icmp,
        loses: (Int) -> Bool = { _ in false }
    ) throws -> LivePicture {
        var tally = LiveTally(names: [name])
        for number in 0..<rounds {
            tally.add(sample(number, .trace(try round(number, carrier: carrier, loses: loses(number)))), of: 0)
        }
        return LivePicture(
            subject: .paths, tally: tally, elapsed: .seconds(rounds),
            verdict: LiveVerdict(verdict: .healthy, headline: nil, others: 0))
    }

    private static func sample(_ index: Int, _ fact: Fact) -> Sample {
        Sample(index: index, startedAt: .zero, outcome: .answered, latency: nil, facts: [fact])
    }

    private static func ping(_ targets: Int, packets: Int = 30) throws -> LivePicture {
        var tally = LiveTally(names: (0..<targets).map { "198.18.0.\($0 + 1)" })
        for index in 0..<targets {
            for number in 0..<packets {
                let isLost = index == 2 && number % 5 == 0
                let echo = EchoFact(
                    address: try address("198.18.0.\(index + 1)"), sequence: number, outcome: isLost ? .lost : .replied,
                    roundTrip: isLost ? nil : ms(Double(index + 1) + Double(number % 3)))
                tally.add(sample(number, .echo(echo)), of: index)
            }
        }
        return LivePicture(
            subject: .echoes, tally: tally, elapsed: .seconds(packets),
            verdict: LiveVerdict(verdict: .degraded, headline: "1 of 5 packets to 198.18.0.3 is lost", others: 2))
    }

    private static func viewport(
        _ columns: Int, _ rows: Int?, isUnicode: Bool = true, color: Bool = false, keys: String = ""
    ) -> LivePicture.Viewport {
        var controls = LiveControls()
        for key in keys { _ = controls.press(.character(key), rows: 1000, room: 10) }
        return LivePicture.Viewport(
            columns: columns, rows: rows, isUnicode: isUnicode, color: color, controls: controls)
    }

    private static func text(_ page: LivePicture.Page) -> String { page.lines.map { "\($0)\n" }.joined() }

    // MARK: Pictures

    @Test("A trace on screens of several sizes", arguments: [(80, 24), (40, 10), (200, 60)])
    func traceSizes(_ columns: Int, _ rows: Int) throws {
        let page = try Self.trace().page(Self.viewport(columns, rows))
        try expectSnapshot(Self.text(page), "live-trace-\(columns)x\(rows).txt")
    }

    @Test("Echoes on screens of several sizes", arguments: [(80, 24), (40, 10), (200, 60)])
    func pingSizes(_ columns: Int, _ rows: Int) throws {
        let page = try Self.ping(12).page(Self.viewport(columns, rows))
        try expectSnapshot(Self.text(page), "live-ping-\(columns)x\(rows).txt")
    }

    @Test func inASCII() throws {
        let page = try Self.trace().page(Self.viewport(80, 16, isUnicode: false))
        try expectSnapshot(Self.text(page), "live-trace-ascii.txt")
        #expect(page.lines.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
    }

    @Test func inColour() throws {
        let page = try Self.trace { $0 % 4 == 1 }.page(Self.viewport(80, 14, color: true))
        try expectSnapshot(Self.text(page), "live-trace-colour.txt")
    }

    @Test("A page that is printed has all rows and no keys")
    func printed() throws {
        try expectSnapshot(Self.text(try Self.trace().page(Self.viewport(80, nil))), "live-trace-page.txt")
    }

    @Test("Figures alone, the strip alone, and help")
    func modes() throws {
        let picture = try Self.trace()
        let pages = ["d", "dd", "?"].map { picture.page(Self.viewport(80, 20, keys: $0)) }
        try expectSnapshot(pages.map(Self.text).joined(separator: "----\n"), "live-trace-modes.txt")
    }

    @Test("Whatever the size, no line is wider than the screen and there are no more than it has")
    func bounds() throws {
        for picture in [try Self.trace(), try Self.ping(12), try Self.ping(1), try Self.trace(0), try Self.ping(0)] {
            for columns in [1, 2, 3, 7, 20, 39, 80, 500] {
                for rows in [1, 2, 3, 4, 5, 9, 24, 200] {
                    for keys in ["", "d", "dd", "?", "jjjjj", "G", "s", "np"] {
                        let page = picture.page(Self.viewport(columns, rows, keys: keys))
                        #expect(page.lines.count <= rows && !page.lines.isEmpty)
                        #expect(page.lines.allSatisfy { $0.displayWidth <= columns }, "\(columns)x\(rows) \(keys)")
                    }
                }
            }
        }
    }

    @Test("What comes from the network cannot command the terminal")
    func injection() throws {
        var picture = try Self.trace(name: "evil\u{1b}]0;title\u{7}.example\r\n")
        picture.names = [try Self.address("198.18.1.1"): "a\u{1b}[2J\u{202e}b\u{9b}31m\u{0}"]
        picture.verdict = LiveVerdict(verdict: .failing, headline: "\u{1b}[31mred\u{1b}c\u{8}", others: 0)
        for columns in [10, 40, 80, 200] {
            for line in picture.page(Self.viewport(columns, 24, keys: "n")).lines {
                let isSafe = line.unicodeScalars.allSatisfy {
                    $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
                }
                #expect(isSafe, "\(line.debugDescription)")
            }
        }
    }

    // MARK: What it says

    private func verdictLine(_ picture: LivePicture) -> String {
        picture.page(Self.viewport(200, 24)).lines[1]
    }

    @Test func sparingHopIsNoLoss() throws {
        let line = verdictLine(try Self.trace())
        #expect(
            line == "HEALTHY  hop 2 answers sparingly: not loss, since the target answers everything")
    }

    @Test func lossFromAHopOn() throws {
        let line = verdictLine(try Self.trace(20) { $0 % 4 == 1 })
        #expect(
            line == "HEALTHY  packets are missing from hop 2 on to the target, where it is 25.0%")
    }

    @Test("At a closed port's host alone, by UDP, it may as well be the rationing of errors")
    func rationedTarget() throws {
        var tally = LiveTally(names: ["198.18.9.9"])
        for number in 0..<20 {
            let last = PathHop(
                limit: 2, outcome: number % 2 == 0 ? .silent : .answered, roundTrip: number % 2 == 0 ? nil : Self.ms(2))
            let hops = [
                PathHop(limit: 1, outcome: .expired(try Self.address("198.18.1.1")), roundTrip: Self.ms(1)), last,
            ]
            let fact = TraceFact(
                destination: Endpoint(try Self.address("198.18.9.9"), 33434), carrier: .udp, source: nil,
                flows: [PathFlow(number: 0, sourcePort: 40000, hops: hops)], elapsed: .zero)
            tally.add(Self.sample(number, .trace(fact)), of: 0)
        }
        let verdict = LiveVerdict(verdict: .healthy, headline: nil, others: 0)
        let picture = LivePicture(subject: .paths, tally: tally, elapsed: .seconds(20), verdict: verdict)
        #expect(verdictLine(picture).contains("only the target leaves packets unanswered (50.0%)"))
        #expect(verdictLine(picture).contains("errors about UDP are rationed"))
    }

    @Test("A finding comes before what only stands out; before any packet there is no verdict")
    func finding() throws {
        var picture = try Self.trace()
        picture.verdict = LiveVerdict(verdict: .failing, headline: "The way goes in a circle", others: 1)
        #expect(verdictLine(picture) == "FAILING  The way goes in a circle (and 1 further finding)")
        picture = try Self.trace(0)
        #expect(verdictLine(picture).hasPrefix("WAITING"))
    }

    @Test("Packets on the way are counted as sent and not as lost; who was not sent to yet waits")
    func onTheWay() throws {
        var picture = try Self.ping(3, packets: 0)
        picture.tally.note(onTheWay: 2, of: 0)
        var lines = picture.page(Self.viewport(80, 24)).lines
        #expect(lines[0] == "ping · 3 targets, 0 silent · 2 packets · 2 on the way")
        #expect(lines.contains { $0.hasPrefix("198.18.0.1: 2 packets on the way, no answer yet") })
        #expect(lines.contains { $0.hasPrefix("198.18.0.2: waits for its turn") })
        picture = try Self.ping(2, packets: 4)
        picture.tally.note(onTheWay: 1, of: 1)
        lines = picture.page(Self.viewport(80, 24)).lines
        #expect(lines[0].contains("9 packets · 1 on the way · 0.0% lost"))
        let cells = try #require(lines.first { $0.hasPrefix("198.18.0.2") }).split(separator: " ")
        #expect(cells[1] == "0.0%" && cells[2] == "5")
    }

    @Test("On a narrow screen whole keys are left out, never those that quit and help", arguments: [20, 40, 60, 80])
    func narrowKeys(_ columns: Int) throws {
        let keys = Set([
            "q quit", "p pause", "r reset", "d display", "n names", "s worst first", "j k scroll (1-5 of 12)", "? help",
        ])
        let line = try #require(try Self.ping(12).page(Self.viewport(columns, 10)).lines.last)
        let shown = line.split(separator: "  ").map(String.init)
        #expect(shown.first == "q quit" && shown.last == "? help")
        #expect(shown.allSatisfy { keys.contains($0) || $0.hasPrefix("j k scroll (1-") && $0.hasSuffix(" of 12)") })
    }

    @Test("Scrolling ends at the last row and comes back")
    func scroll() throws {
        let picture = try Self.ping(12)
        var controls = LiveControls()
        func rows() -> [String] {
            let page = picture.page(
                LivePicture.Viewport(columns: 80, rows: 10, isUnicode: true, color: false, controls: controls))
            return page.lines.filter { $0.hasPrefix("198.18") }.map { String($0.prefix { $0 != " " }) }
        }
        let room = rows().count
        #expect(rows().first == "198.18.0.1" && room < 12)
        _ = controls.press(.down, rows: 12, room: room)
        #expect(rows().first == "198.18.0.2" && rows().count == room)
        _ = controls.press(.end, rows: 12, room: room)
        #expect(rows().last == "198.18.0.12" && rows().count == room)
        for _ in 0..<40 { _ = controls.press(.character("k"), rows: 12, room: room) }
        #expect(rows().first == "198.18.0.1")
        _ = controls.press(.character("s"), rows: 12, room: room)
        #expect(rows().first == "198.18.0.3")
    }

    @Test func keys() {
        let keys = LiveControls.Key.keys(in: Array("q\u{1b}[A\u{1b}OB\u{1b}[5~\u{1b}[1;5H\u{1b}\u{1}x\u{1b}[99".utf8))
        #expect(keys == [.character("q"), .up, .down, .pageUp, .home, .escape, .character("x")])
        var controls = LiveControls()
        #expect(controls.press(.character("q"), rows: 0, room: 0) == .quit)
        #expect(controls.press(.character("r"), rows: 0, room: 0) == .reset)
        #expect(controls.press(.character(" "), rows: 0, room: 0) == nil && controls.isPaused)
    }

    @Test("Times and shares in cells of five")
    func cells() {
        let times: [(Double, String)] = [
            (0, "0.00"), (0.314, "0.31"), (9.99, "9.99"), (9.996, "10.0"), (99.96, "100"), (1203.4, "1203"),
            (12_345, "12.3s"), (99_960, "100s"),
        ]
        for (value, text) in times { #expect(Self.ms(value).cell == text) }
        let shares = [0, 0.0001, 0.125, 0.9999, 1].map(\.percentCell)
        #expect(shares == ["0.0%", "0.1%", "12.5%", "99.9%", "100%"])
    }

    @Test("To begin anew leaves nothing of before")
    func reset() throws {
        var tally = try Self.trace().tally
        tally.reset()
        #expect(tally.paths.joined().isEmpty)
        #expect(tally.count == 1 && !tally.hasPackets)
    }
}
