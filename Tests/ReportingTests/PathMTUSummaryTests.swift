import Diagnosis
import JSON
import NetValues
import Observations
import Planning
import Testing

@testable import Reporting

/// A healthy search names what it found.
@Suite struct PathMTUSummaryTests {
    private func fact(
        _ size: Int, to address: String = "198.18.3.2", by carrier: SoundingFact.Carrier = .udp,
        _ direction: PathMTUFact.Direction = .out, ending: PathMTUFact.Ending = .whole, link: Int? = 1500,
        isTold: Bool = false
    ) -> PathMTUFact {
        let signal = PathMTUFact.Signal(mtu: size, router: IPAddress("198.18.1.1"), isFromOwnHost: false)
        return PathMTUFact(
            destination: Endpoint(known(IPAddress(address)), 0), carrier: carrier, direction: direction, ending: ending,
            trials: isTold ? [PathMTUFact.Trial(size: size + 1, outcome: .tooBig(signal))] : [], largestPassed: size,
            smallestLost: ending == .found ? size + 1 : nil, linkMTU: link, elapsed: .seconds(1))
    }

    private func check(_ facts: [PathMTUFact], status: CheckJudgement.Status = .passed) -> CheckJudgement {
        SampleReports.check(
            "way", "mtu", target: .host(known(Host("198.18.3.2"))), status: status, facts: facts.map { .pathMTU($0) })
    }

    private func sentence(_ facts: [PathMTUFact]...) -> String {
        VerdictLine.sentence(SampleReports.report(.healthy, facts.map { check($0) }))
    }

    @Test func theSize_andWhichWayWasTried() {
        #expect(
            sentence([fact(1500)])
                == "the check passed: path MTU 1500 to 198.18.3.2, no black hole on the way there")
        #expect(
            sentence([fact(1500), fact(1500, by: .tcp), fact(1500, by: .tcp, .back)])
                .hasSuffix("path MTU 1500 to 198.18.3.2, no black hole either way"))
        // What came back is too short to show that.
        #expect(sentence([fact(1500), fact(700, by: .tcp, .back)]).hasSuffix("on the way there"))
    }

    @Test func aLimitThatIsTold_standsBesideTheOwnLink() {
        #expect(
            sentence([fact(1450, ending: .found, isTold: true)])
                .contains("path MTU 1450 to 198.18.3.2 (the own link takes 1500), no black hole"))
    }

    /// `--largest`: more may get there.
    @Test func theMostThatWasTried_isNoPathMTU() {
        #expect(
            sentence([fact(1400, link: nil)]).contains(
                "packets of 1400 bytes, the most that was tried, get to 198.18.3.2"))
    }

    @Test func severalAddresses_areNamedUpToThree() {
        let addresses = (1...4).map { "198.18.3.\($0)" }
        #expect(
            sentence([fact(1500, to: addresses[0])], [fact(1400, to: addresses[1], ending: .found, isTold: true)])
                .contains("path MTU 1500 to 198.18.3.1, path MTU 1400 to 198.18.3.2 (the own link takes 1500)"))
        let many = addresses.enumerated().map { [fact(1500 - $0 * 10, to: $1)] }
        #expect(
            VerdictLine.sentence(SampleReports.report(.healthy, many.map { check($0) }))
                .hasSuffix("path MTU 1470 to 1500 to 4 addresses"))
    }

    /// Large echoes are filtered, or a clamp saves TCP: that there is none may not be said.
    @Test func whereLargerOnesVanish_nothingIsPromised() {
        #expect(sentence([fact(600, by: .icmp, .both, ending: .found), fact(1500)]) == "the check passed")
        #expect(sentence([fact(1500, ending: .unsteady)]) == "the check passed")
    }

    @Test func otherVerdicts_andOtherChecks_keepTheirHeadlines() {
        let other = SampleReports.check("port")
        #expect(
            !VerdictLine.sentence(SampleReports.report(.healthy, [check([fact(1500)]), other])).contains("path MTU"))
        let warned = SampleReports.report(.degraded, [check([fact(1500)], status: .warned)], [SampleReports.slow])
        #expect(!VerdictLine.sentence(warned).contains("path MTU"))
    }

    @Test func whatWasNotTried_isOneLine() {
        var searched = fact(1500)
        searched.untried = [
            PathMTUFact.Untried(
                carrier: .icmp,
                reason: Inability(.notPermitted, action: "open an ICMP socket", reason: "EPERM", fix: "allow it"))
        ]
        let report = CheckReport(check([searched])) { $0 }
        #expect(
            CheckDetails.lines(of: report).last
                == "icmp to 198.18.3.2: not tried, since this process cannot open an ICMP socket: EPERM; to have it, allow it"
        )
    }
}
