import Diagnosis
import NetValues
import Observations
import Planning
import Testing

/// pmtu-black-hole, pmtu-reduced and mtu-mismatch-cni by packets that were sent for that, and their look-alikes.
struct PathMTURulesTests {
    private let address = target.address
    private let far = IPAddress.v4(IPv4Address(bits: 0xc612_0302))

    private var url: HTTPURL { HTTPURL(scheme: .http, host: .address(address), requestTarget: "/big") }

    private func hop(_ limit: Int, _ address: IPAddress) -> PathHop {
        PathHop(limit: limit, outcome: .expired(address), roundTrip: .milliseconds(1))
    }

    private func fact(
        _ carrier: SoundingFact.Carrier, passed: Int?, lost: Int? = nil, ending: PathMTUFact.Ending = .found,
        told: PathMTUFact.Signal? = nil, last: PathHop? = nil, beyond: PathHop? = nil, agreed: Int? = nil,
        direction: PathMTUFact.Direction? = nil
    ) -> Fact {
        let way = direction ?? (carrier == .icmp ? .both : .out)
        let outcome: PathMTUFact.Trial.Outcome = told.map { .tooBig($0) } ?? .lost
        let trials =
            (passed.map { [PathMTUFact.Trial(size: $0, outcome: .passed)] } ?? [])
            + (lost.map { Array(repeating: PathMTUFact.Trial(size: $0, outcome: outcome), count: 3) } ?? [])
        return .pathMTU(
            PathMTUFact(
                destination: Endpoint(address, carrier == .icmp ? 0 : 33434), carrier: carrier, direction: way,
                ending: ending, trials: trials, largestPassed: passed, smallestLost: lost, lastRouter: last,
                beyond: beyond, linkMTU: 1500, routeMTU: 1500, learnedMTU: told == nil ? 1500 : passed,
                agreedSize: agreed, elapsed: .seconds(1)))
    }

    private func mtu(_ facts: Fact...) -> CheckRecord {
        record("mtu", kind: "mtu", target: .host(.address(address)), [sample(latency: .milliseconds(1), facts)])
    }

    private var place: (PathHop, PathHop) { (hop(1, router), hop(2, far)) }

    /// Nothing is known of sizes, and why not is told.
    @Test func aSilentTarget_isToldWithWhatWasSent() throws {
        let silent = fact(.icmp, passed: nil, lost: 68, ending: .unanswered)
        let check = record(
            "mtu", kind: "mtu", target: .host(.address(address)), [sample(.failed(.path), [silent])])
        let finding = try #require(judge(check).findings.first)
        #expect(finding.id == "expectation-unmet")
        #expect(finding.evidence.contains { $0.contains("none of 3 packets by icmp") && $0.contains("68 bytes") })
        #expect(finding.remedy.contains { $0.contains("--method tcp") })
    }

    // MARK: Black holes

    @Test func aLimitThatNobodyTellsIsABlackHole() {
        let (last, beyond) = place
        let judgement = judge(
            mtu(
                fact(.icmp, passed: 1450, lost: 1451, last: last, beyond: beyond),
                fact(.udp, passed: 1450, lost: 1451)))
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(judgement.verdict == .failing)
        let finding = judgement.findings[0]
        #expect(finding.confidence == .certain)
        #expect(finding.summary.contains("1450 bytes get there"))
        #expect(finding.summary.contains("larger ones vanish without a word"))
        #expect(finding.summary.contains("between 198.18.1.1 (hop 1) and 198.18.3.2 (hop 2)"))
        #expect(finding.evidence.contains { $0.hasPrefix("1450 = 1500 − 50: what VXLAN") })
        #expect(finding.remedy.contains { $0.contains("MSS of TCP to 1410") })
    }

    @Test func oneCarrierThatNeedsNoFilterIsLikely() {
        let judgement = judge(mtu(fact(.icmp, passed: nil, ending: .unanswered), fact(.udp, passed: 1400, lost: 1401)))
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(judgement.findings[0].confidence == .likely)
    }

    @Test func echoAloneIsNoMoreThanPossible() {
        let judgement = judge(mtu(fact(.icmp, passed: 1400, lost: 1401), fact(.udp, passed: nil, ending: .unanswered)))
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(judgement.findings[0].confidence == .possible)
        #expect(judgement.findings[0].severity == .warning)
        #expect(judgement.findings[0].remedy[0].contains("--page http://"))
    }

    @Test func aClampSavesTCP() {
        let judgement = judge(
            mtu(fact(.icmp, passed: 1400, lost: 1401), fact(.udp, passed: 1400, lost: 1401, agreed: 1400)))
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(judgement.findings[0].severity == .info)
        #expect(judgement.verdict == .healthy)
        #expect(judgement.findings[0].cause.contains("TCP is saved"))
    }

    @Test func anExchangeThatHangsBesideItIsExplained() {
        let stall = HTTPFact(
            url: url, endpoint: target, method: "GET",
            outcome: .incomplete(.deadline, partial: PartialResponse(status: nil, bytes: 0, start: [])), firstByte: nil,
            elapsed: .seconds(3), sentBytes: 80,
            progress: StreamProgress(
                acknowledgedBytes: 80, receivedBytes: 0, unacknowledgedSegments: 0, unsentBytes: 0, retransmits: 0))
        let connect = ConnectFact(
            endpoint: target, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected,
            tcp: TCPFacts(rtt: .milliseconds(1), mss: 1448, pathMTU: 1500, retransmits: 0, optionBytes: 12))
        func page(_ facts: Fact...) -> CheckRecord {
            record(
                "page", kind: "http", target: .url(url),
                [sample(.failed(.response), [.connect(connect), .http(stall)] + facts)])
        }
        let hole = judge(page(fact(.icmp, passed: 1400, lost: 1401), fact(.udp, passed: 1400, lost: 1401)))
        #expect(hole.ids == ["pmtu-black-hole"])
        #expect(hole.findings[0].summary.contains("why “page” hangs"))
        // A way that takes all, or that says what it does not: something else hangs.
        #expect(judge(page(fact(.icmp, passed: 1500, ending: .whole))).ids == ["expectation-unmet"])
        let told = PathMTUFact.Signal(mtu: 1400, router: router, isFromOwnHost: false)
        let reduced = judge(page(fact(.icmp, passed: 1400, lost: 1401, told: told)))
        #expect(Set(reduced.ids) == ["expectation-unmet", "pmtu-reduced"])
        #expect(reduced.findings[0].id == "expectation-unmet")
    }

    // MARK: What looks like one

    @Test func aFilterOfLargeEchoesIsNone() {
        let echoes = judge(
            mtu(
                fact(.icmp, passed: 1000, lost: 1001), fact(.udp, passed: 1500, ending: .whole),
                fact(.tcp, passed: 1500, ending: .whole), fact(.tcp, passed: 1500, ending: .whole, direction: .back)))
        #expect(echoes.ids.isEmpty)
        #expect(judge(mtu(fact(.icmp, passed: 1500, ending: .whole), fact(.udp, passed: 508, lost: 509))).ids.isEmpty)
    }

    @Test func whatComesBackSaysNothingOfTheWayOut() {
        let judgement = judge(
            mtu(
                fact(.icmp, passed: 1337, lost: 1338), fact(.udp, passed: 1337, lost: 1338),
                fact(.tcp, passed: 1337, lost: 1338), fact(.tcp, passed: 1500, ending: .whole, direction: .back)))
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(judgement.findings[0].summary.contains("Packets to 198.18"))
    }

    @Test func echoesThatAreLostOnAnUnknownWayAreNoMoreThanPossible() {
        let judgement = judge(
            mtu(
                fact(.icmp, passed: 1250, lost: 1251), fact(.udp, passed: 1500, ending: .whole),
                fact(.tcp, passed: 1250, lost: 1251, ending: .unsteady, direction: .back)))
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(judgement.findings[0].confidence == .possible)
        #expect(judgement.findings[0].severity == .warning)
    }

    @Test func aClosedPortIsNoSize() {
        let refused = PathMTUFact.Trial(
            size: 1500, outcome: .failed(SocketFailure(code: 111, name: "ECONNREFUSED")))
        let fact = PathMTUFact(
            destination: Endpoint(address, 81), carrier: .tcp, direction: .out, ending: .unanswered,
            trials: [refused], largestPassed: nil, smallestLost: nil, elapsed: .milliseconds(1))
        let judgement = judge(
            record(
                "mtu", kind: "mtu", target: .host(.address(address)),
                [sample(.failed(.path), [.pathMTU(fact)])]))
        #expect(judgement.ids == ["tcp-refused"])
        #expect(judgement.findings[0].subject == "\(address):81")
    }

    @Test func withoutAWordOfTheWayBackTheyAreAHint() {
        let judgement = judge(
            mtu(fact(.icmp, passed: 1250, lost: 1251), fact(.udp, passed: 1500, ending: .whole)))
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(judgement.findings[0].confidence == .possible && judgement.findings[0].severity == .info)
    }

    @Test func theRemedyIsForTheLeastOfBothWays() {
        let judgement = judge(
            mtu(
                fact(.icmp, passed: 1291, lost: 1292), fact(.udp, passed: 1337, lost: 1338),
                fact(.tcp, passed: 1291, lost: 1292, direction: .back)))
        #expect(judgement.findings[0].summary.contains("1337 bytes"))
        #expect(judgement.findings[0].summary.contains("1291 bytes"))
        #expect(judgement.findings[0].remedy.contains { $0.contains("MSS of TCP to 1251") })
    }

    @Test func whatIsNotKnownIsNotTold() {
        for ending in [PathMTUFact.Ending.unsteady, .unanswered] {
            #expect(
                judge(mtu(fact(.icmp, passed: 1400, lost: 1401, ending: ending))).ids.allSatisfy {
                    $0 != "pmtu-black-hole"
                })
        }
    }

    @Test func aWideWayIsHealthy() {
        let judgement = judge(mtu(fact(.icmp, passed: 1500, ending: .whole), fact(.udp, passed: 1500, ending: .whole)))
        #expect(judgement.ids.isEmpty)
        #expect(judgement.verdict == .healthy)
    }

    // MARK: What hangs there

    private func progress(_ isTaken: Bool) -> StreamProgress {
        StreamProgress(
            acknowledgedBytes: 80, receivedBytes: 0, unacknowledgedSegments: isTaken ? 0 : 1, unsentBytes: 0,
            retransmits: isTaken ? 0 : 3)
    }

    private func stall(_ bytes: Int, taken isTaken: Bool = true) -> Fact {
        .http(
            HTTPFact(
                url: url, endpoint: target, method: "GET",
                outcome: .incomplete(
                    .deadline, partial: PartialResponse(status: bytes > 0 ? 200 : nil, bytes: bytes, start: [])),
                firstByte: nil, elapsed: .seconds(3), sentBytes: 80, progress: progress(isTaken)))
    }

    private func page(_ name: String, _ facts: Fact...) -> CheckRecord {
        let connect = ConnectFact(
            endpoint: target, source: ownAddress, elapsed: .milliseconds(1), outcome: .connected,
            tcp: TCPFacts(rtt: .milliseconds(1), mss: 1448, pathMTU: 1500, retransmits: 0, optionBytes: 12))
        return record(
            name, kind: "http", target: .url(url), [sample(.failed(.response), [.connect(connect)] + facts)])
    }

    private var hole: Fact { fact(.tcp, passed: 1400, lost: 1401, direction: .back) }

    /// The sizes are tried once an address, whichever of its checks comes first.
    @Test func oneHoleIsOneFinding() {
        let handshake = TLSFact(
            endpoint: target, serverName: nil, outcome: .timedOut, elapsed: .seconds(3))
        let tls = record(
            "handshake", kind: "tls", target: .hostPort(HostPort(host: .address(address), port: target.port)),
            [sample(.failed(.tls), [.tls(handshake)])])
        let judgement = judge(
            page("page", stall(0), fact(.udp, passed: 1500, ending: .whole), hole), page("other", stall(189)), tls)
        #expect(judgement.ids == ["pmtu-black-hole"])
        #expect(judgement.findings[0].checks == ["page", "other", "handshake"])
        #expect(
            judgement.findings[0].summary.hasSuffix(
                "That is why “page” hangs, and very likely “other” and “handshake” too."))
        #expect(judgement.findings[0].summary.contains("vanish on the way here"))
    }

    /// What never arrived there is not lost on the way back.
    @Test func aHoleExplainsWhatIsMissingOnItsWay() {
        let judgement = judge(page("page", stall(0), hole), page("upload", stall(0, taken: false)))
        #expect(judgement.findings.first { $0.id == "pmtu-black-hole" }?.checks == ["page"])
        #expect(judgement.findings.contains { $0.id != "pmtu-black-hole" && $0.checks == ["upload"] })
    }

    @Test func anAnswerThatStallsNamesTheTrialThatTells() throws {
        let stalled = try #require(judge(page("page", stall(189))).findings.first)
        #expect(stalled.id == "http-response-stalled")
        #expect(
            stalled.remedy[0].contains("leadsman mtu \(target) --method tcp --page \(url)")
                || stalled.remedy[0].contains("leadsman mtu \(url.host):\(url.port) --method tcp --page \(url)"))
        // It was tried, and large segments come: only the server is left.
        let wide = try #require(
            judge(page("page", stall(189), fact(.tcp, passed: 1500, ending: .whole, direction: .back))).findings.first)
        #expect(wide.id == "http-response-stalled")
        #expect(wide.remedy.allSatisfy { !$0.contains("leadsman mtu") })
        #expect(wide.cause.hasPrefix("Large packets come from there"))
    }

    /// Whole, and too short to fill a packet: that is no word on the way back.
    @Test func aShortAnswerSaysNothingOfTheWayBack() throws {
        let short = fact(.tcp, passed: 189, ending: .whole, direction: .back)
        let stalled = try #require(judge(page("page", stall(189), short)).findings.first)
        #expect(stalled.id == "http-response-stalled")
        #expect(stalled.remedy[0].contains("leadsman mtu"))
        #expect(judge(mtu(fact(.icmp, passed: 1500, ending: .whole), short)).ids.isEmpty)
        let echoes = judge(
            mtu(fact(.icmp, passed: 1250, lost: 1251), fact(.udp, passed: 1500, ending: .whole), short))
        #expect(echoes.findings.map(\.severity) == [.info])
    }

    @Test func aSearchThatComesToNothingIsNotPassed() {
        let judgement = judge(mtu(fact(.icmp, passed: 1400, lost: 1401, ending: .unsteady)))
        #expect(judgement.verdict == .inconclusive)
        #expect(judgement.ids == ["probe-inconclusive"])
        #expect(judgement.checks[0].status == .unmeasured)
        let known = judge(
            mtu(
                fact(.icmp, passed: 1400, lost: 1401, ending: .unsteady),
                fact(.udp, passed: 1500, ending: .whole)))
        #expect(known.verdict == .healthy && known.ids.isEmpty)
    }

    // MARK: Reduced

    @Test func aLimitThatIsToldIsWorthANote() {
        let told = PathMTUFact.Signal(mtu: 1420, router: router, isFromOwnHost: false)
        let judgement = judge(
            mtu(fact(.icmp, passed: 1420, lost: 1421, told: told), fact(.udp, passed: 1420, lost: 1421, told: told)))
        #expect(judgement.ids == ["pmtu-reduced"])
        #expect(judgement.verdict == .healthy)
        #expect(judgement.findings[0].severity == .info)
        #expect(judgement.findings[0].evidence.contains { $0.hasPrefix("1420 = 1500 − 80: what WireGuard") })
        #expect(judgement.findings[0].evidence.contains { $0.contains("route cache: mtu 1420") })
    }

    @Test func aLimitOfTheOwnHostIsNobodysFault() {
        let own = PathMTUFact.Signal(mtu: 1400, router: nil, isFromOwnHost: true)
        #expect(judge(mtu(fact(.udp, passed: 1400, lost: 1401, told: own))).ids.isEmpty)
    }

    // MARK: Links

    @Test func aLimitBeforeTheFirstHopIsAMismatch() {
        let judgement = judge(
            mtu(
                fact(.icmp, passed: 1404, lost: 1405, beyond: hop(1, router)), fact(.udp, passed: 1404, lost: 1405)))
        #expect(judgement.ids == ["mtu-mismatch-cni"])
        #expect(judgement.verdict == .degraded)
        #expect(judgement.findings[0].summary.contains("1404 bytes get"))
    }

    @Test func portsOfOneBridgeThatDiffer() {
        var state = vantage()
        var bridge = interface("cni0", "10.42.0.1/24", kind: "bridge")
        bridge.mtu = 1450
        var ports = [interface("veth1"), interface("veth2")]
        for index in ports.indices { ports[index].master = "cni0" }
        state.interfaces += [bridge] + ports
        let healthy = Judge(resolver: ResolverConfiguration(servers: [resolverA]), now: noon)
        let records = [tcp(.connected)]
        #expect(healthy.judge(records, vantage: VantageObservation(start: state)).ids.isEmpty)
        state.interfaces[state.interfaces.count - 1].mtu = 9000
        let found = healthy.judge(records, vantage: VantageObservation(start: state))
        #expect(found.ids == ["mtu-mismatch-cni"])
        #expect(found.findings[0].subject == "cni0")
    }
}
