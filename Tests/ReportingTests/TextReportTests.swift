import Diagnosis
import Testing

@testable import Reporting

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct TextReportTests {
    @Test(arguments: SampleReports.all.map(\.name))
    func text_isAsRecorded(name: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }).report
        try expectSnapshot(report.rendered(as: .text, style: TextStyle()), "\(name).txt")
    }

    @Test func text_isAsRecorded_withColour() throws {
        try expectSnapshot(
            SampleReports.failing.rendered(as: .text, style: TextStyle(color: true)), "failing-colour.txt")
    }

    @Test(arguments: ["failing", "unmeasured", "many", "hostile"])
    func text_isAsRecorded_whenVerbose(name: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }).report
        try expectSnapshot(report.rendered(as: .text, style: TextStyle(verbosity: .verbose)), "\(name)-verbose.txt")
    }

    @Test(arguments: ["failing", "healthy", "interrupted"])
    func text_isAsRecorded_whenQuiet(name: String) throws {
        let report = try #require(SampleReports.all.first { $0.name == name }).report
        try expectSnapshot(report.rendered(as: .text, style: TextStyle(verbosity: .quiet)), "\(name)-quiet.txt")
    }

    @Test(arguments: [20, 40, 53, 80, 120, 200])
    func text_keepsToTheWidth(width: Int) {
        for (name, report) in SampleReports.all {
            for verbosity in [TextStyle.Verbosity.quiet, .normal, .verbose] {
                let text = report.rendered(as: .text, style: TextStyle(width: width, verbosity: verbosity))
                let widest = text.split(separator: "\n").max { String($0).displayWidth < String($1).displayWidth } ?? ""
                #expect(String(widest).displayWidth <= max(40, width), "\(name): \(widest)")
                #expect(!text.split(separator: "\n").contains { $0.last == " " }, "\(name)")
            }
        }
    }

    @Test func text_holdsNoControlCharacters_whateverPeersSend() {
        for verbosity in [TextStyle.Verbosity.quiet, .normal, .verbose] {
            let text = SampleReports.hostile.rendered(as: .text, style: TextStyle(verbosity: verbosity))
            let forbidden = text.unicodeScalars.filter {
                $0 != "\n" && ($0.properties.generalCategory == .control || $0.properties.generalCategory == .format)
            }
            #expect(forbidden.isEmpty)
        }
    }

    @Test func colour_changesNothingButColour() {
        for (name, report) in SampleReports.all {
            let plain = report.rendered(as: .text, style: TextStyle())
            let painted = report.rendered(as: .text, style: TextStyle(color: true))
            #expect(painted.contains("\u{1b}["))
            #expect(withoutColour(painted) == plain, "\(name)")
        }
    }

    @Test func firstLine_saysTheVerdictAndTheHeadline() {
        let expected = [
            "failing": "2 of 6 checks fail: Nothing answers on TCP 5432 of db.prod (10.0.3.4)",
            "healthy": "both checks passed",
            "degraded": "1 of 2 checks gives a warning: The p95 of cache.prod:6379 is 120 ms, over the limit of 50 ms",
            "unmeasured":
                "1 of 2 checks could not be measured: cannot open a raw ICMP socket: Operation not permitted (EPERM)",
            "interrupted":
                "1 of 3 checks fails (interrupted, 1 check not finished): Nothing answers on TCP 5432 of db.prod (10.0.3.4)",
            "empty": "nothing was checked",
        ]
        for (name, report) in SampleReports.all {
            guard let sentence = expected[name] else { continue }
            #expect(VerdictLine.sentence(report) == sentence)
        }
    }

    @Test func table_showsOnlyWhatDidNotPass_whenThePlanIsLarge() {
        let text = SampleReports.manyChecks.rendered(as: .text, style: TextStyle())
        #expect(text.contains("service-50 resolves"))
        #expect(!text.contains("address 1 answers"))
        #expect(text.contains("\ndns-server-unreachable (50 checks)\n"))
        #expect(text.contains("… 10 passed"))
        #expect(text.contains("50 checks: service-1 resolves, service-2 resolves, service-3 resolves"))
        #expect(text.contains("and 46 more"))
    }

    @Test func table_isCut_whenThousandsFail() {
        let checks = (0..<10_000).map { SampleReports.check("check \($0)", status: $0 < 12 ? .passed : .failed) }
        let report = SampleReports.report(.failing, checks)
        let text = report.rendered(as: .text, style: TextStyle())
        #expect(text.contains("… 9,788 more that did not pass"))
        #expect(text.contains("… 12 passed"))
        let verbose = report.rendered(as: .text, style: TextStyle(verbosity: .verbose))
        #expect(verbose.contains("check 9999"))
    }

    private func withoutColour(_ text: String) -> String {
        var result = ""
        var isInside = false
        for scalar in text.unicodeScalars {
            if scalar == "\u{1b}" { isInside = true }
            if !isInside { result.unicodeScalars.append(scalar) }
            if isInside, scalar == "m" { isInside = false }
        }
        return result
    }
}

@MainActor @Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("数据", 4), ("한", 2), ("ｗ", 2), ("…", 1), ("👍", 2), ("🇩🇪", 2),
        ("✔\u{fe0f}", 2),
    ])
    func width_countsColumns(text: String, width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test(arguments: [
        ("abcdefgh", 8, "abcdefgh"), ("abcdefghi", 8, "abcd…ghi"), ("abcdefghi", 3, "a…i"), ("abcdefghi", 1, "…"),
        ("abc", 0, ""),
        ("数据库连接", 7, "数…接"), ("数据库连接", 6, "数…接"),
    ])
    func cut_keepsBothEnds(text: String, width: Int, expected: String) {
        #expect(text.cutInMiddle(to: width) == expected)
        #expect(text.cutInMiddle(to: width).displayWidth <= width)
    }
}

@MainActor @Suite struct ProgressLineTests {
    @Test func line_tellsCountsAndName() {
        let line = ProgressLine(
            done: 1042, total: 10_000, failed: 3, elapsed: .milliseconds(1200), current: "orders to database")
        #expect(line.text(width: 80) == "1,042/10,000 checks · 3 failed · 1.2 s · orders to database")
        #expect(line.text(width: 50) == "1,042/10,000 checks · 3 failed · 1.2 s · orde…ase")
    }

    @Test("Of a run of one check its samples are counted, where there are several")
    func onlyCheck() {
        var line = ProgressLine(
            done: 0, total: 1, failed: 0, elapsed: .seconds(4), current: "trace 198.18.9.9",
            samples: ProgressLine.Samples(done: 4, total: 60))
        #expect(line.text(width: 80) == "4 of 60 samples · 4.0 s · trace 198.18.9.9")
        line.samples?.total = 1
        #expect(line.text(width: 80) == "4.0 s · trace 198.18.9.9")
    }

    @Test(arguments: 1...120)
    func line_isNarrowerThanTheTerminal(width: Int) {
        let line = ProgressLine(
            done: 1, total: 2, failed: 1, elapsed: .seconds(1),
            current: "数据库\u{1b}[2J" + String(repeating: "数", count: 100))
        #expect(line.text(width: width).displayWidth <= max(1, width - 1))
        #expect(!line.text(width: width).contains("\u{1b}"))
    }
}
