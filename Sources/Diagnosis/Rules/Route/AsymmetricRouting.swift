import NetValues
import Observations
import Planning
import Wire

/// Answers come by another way than the questions go, and something on one of the ways does not accept that (catalogue
/// section 5).
enum AsymmetricRouting: Rule {
    static let layer = Layer.route
    static let explanation = FindingExplanation(
        id: "asymmetric-routing", severity: .error, title: "The way back is another than the way there",
        signals: [
            "the SYN-ACK is in the capture, and the connection still times out: the own kernel does not take it (strict rp_filter)",
            "without a capture: connected, and not even the first bytes are acknowledged (TCP_INFO), though they are few and sent again",
            "without a capture: nothing comes back, and IPReversePathFilter of this network namespace rose by at least as much as attempts were made, on a host with several interfaces and strict rp_filter",
            "connected, but from the first byte on nothing is acknowledged, and the server repeats its SYN-ACK: a stateful device on the way saw one direction only",
        ],
        lookalikes: [
            "pmtu-black-hole: small payload passes there",
            "server-slow: the server acknowledges the request",
            "listen-backlog-overflow: the server repeats SYN-ACKs too, but other connections work",
            "packet-loss: some get through",
        ],
        traps: [
            "an asymmetric path alone is ordinary, and told only where it breaks connections: a trace shows by the hop limits of answers that they come back over more or fewer routers",
            "a filter for incoming packets on this host drops SYN-ACKs as rp_filter does",
            "the counter is of the whole network namespace: packets of others that rp_filter drops count too",
        ],
        remedy: [
            "make the way back the same: routes of both sides through the same device, or source NAT where traffic enters",
            "on this host: compare ip route get ADDRESS with the interface that the answer comes in by; look at net.ipv4.conf.*.rp_filter and at IPReversePathFilter in /proc/net/netstat",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let captured =
            evidence.captures.flatMap { capture in
                capture.targets.compactMap { unheeded($0, capture) ?? halfOpen($0, capture) }
            } + filtered(evidence)
        // What packets and counters show needs no word of the sockets.
        let told = Set(captured.flatMap(\.checks))
        return captured + stalled(evidence.measured.filter { !told.contains($0.name) }, evidence)
    }

    /// What this host dropped of the answers, by its own count.
    private static func filtered(_ evidence: Evidence) -> [Finding] {
        let silences = ReversePathSilence.all(in: evidence)
        return grouped(silences, by: \.check.subject).map { subject, members in
            finding(
                subject, checks: members.map(\.check.name), confidence: .likely,
                summary:
                    "\(subject) is silent, and this host dropped packets whose way back is another (rp_filter): its answers come in by another interface.",
                evidence: flowLines(members.flatMap(\.flows)) + members[0].lines
                    + evidence.wayBackLines(of: members.map(\.check)),
                cause:
                    "The answer comes in by another interface than the way out, and strict reverse path filtering (rp_filter) drops it.",
                remedy: [
                    "compare ip route get ADDRESS with the interface that the answers come in by (tcpdump -ni any host ADDRESS), and make the two ways the same"
                ] + explanation.remedy)
        }
    }

    /// By the sockets alone: the handshake is answered, and nothing after it. Where other connections to the same endpoint work it is
    /// the server's queue.
    private static func stalled(_ checks: [CheckEvidence], _ evidence: Evidence) -> [Finding] {
        let stalling = checks.compactMap { check -> (check: CheckEvidence, stalls: [Stall])? in
            guard check.check.expectation.word == .reachable, check.isAllFailing else { return nil }
            let stalls = check.stalls
            return stalls.count == check.samples.count && stalls.allSatisfy(\.isFromTheFirstByte)
                ? (check, stalls) : nil
        }
        guard !stalling.isEmpty else { return [] }
        let working = Set(evidence.checks.flatMap(\.answeredEndpoints))
        let failing = stalling.filter { !$0.stalls.contains { working.contains($0.endpoint) } }
        return grouped(failing, by: \.check.subject).map { subject, members in
            let stalls = members.flatMap(\.stalls)
            return finding(
                subject, checks: members.map(\.check.name), confidence: stalls.count >= 2 ? .likely : .possible,
                summary:
                    "\(subject) accepts connections, but nothing gets through after that: not even the first bytes are acknowledged.",
                evidence: evidenceLines(
                    stalls.map { "\($0.endpoint): connected, \($0.sentBytes) bytes sent, \($0.progress.words)" })
                    + evidence.wayBackLines(of: members.map(\.check)),
                cause:
                    "A stateful firewall or load balancer on the way sees one direction only and drops what it does not know, or accepts connections in the name of a server that it does not reach; or the server's queue of new connections is full. Packets show which (--evidence): a server whose SYN-ACK is repeated does not get the answers."
            )
        }
    }

    /// A client that closes what it did not wait for sends no further SYN: two of each side are asked for.
    private static func unheeded(_ target: PacketTarget, _ capture: CaptureEvidence) -> Finding? {
        let isUnheard = capture.check?.isAnsweredUnheard ?? false
        let flows = isUnheard ? target.unanswered(by: capture) : target.flows(in: .unheeded)
        guard !flows.isEmpty, target.established == 0 else { return nil }
        let isOwn = capture.check != nil
        let name = capture.subject(of: target.server)
        return finding(
            name, checks: capture.checkNames, confidence: isOwn ? capture.confidence(.likely) : .possible,
            summary: isOwn
                ? "\(name) answers, and this host does not take the answer: its SYN-ACKs are in the capture."
                : "\(name) answers with SYN-ACKs that the client does not take.",
            evidence: flows.prefix(3).map { flow in
                "\(flow.names): \(counted(flow.tcp.fromA.syns, "SYN")), \(counted(flow.tcp.fromB.synAcks, "SYN-ACK")) in answer, and no ACK"
            } + capture.caution,
            cause: isOwn
                ? "The answer comes in by another interface than the way out, and strict reverse path filtering (rp_filter) drops it; or a filter of this host does."
                : "The answers take a way on which they do not arrive, or the client's own kernel drops them (rp_filter, a filter). Captured at the client it is its kernel."
        )
    }

    private static func halfOpen(_ target: PacketTarget, _ capture: CaptureEvidence) -> Finding? {
        let count = target.count(.halfOpen)
        // Where others work it is the server: listen-backlog-overflow.
        guard count > 0, target.established == 0 else { return nil }
        let name = capture.subject(of: target.server)
        return finding(
            name, checks: capture.checkNames, confidence: count >= 2 ? capture.confidence(.likely) : .possible,
            summary:
                "Connections to \(name) open, but nothing gets through: the server goes on waiting for the handshake to end.",
            evidence: target.lines(.halfOpen, \.halfOpenWords) + ["\(target.share(count)) so"] + capture.caution,
            cause:
                "A stateful firewall or load balancer on the way sees one direction only and drops what it does not know; or the server's queue of new connections is full."
        )
    }
}

extension PacketTarget {
    /// SYN-ACKs came, and nothing was made of them.
    fileprivate func unanswered(by capture: CaptureEvidence) -> [TroubledFlow] {
        capture.check?.captured(server.endpoint).filter {
            $0.tcp.fromB.synAcks > 0 && $0.record.fromA.distinctPackets == $0.tcp.fromA.syns
        } ?? []
    }
}

extension TroubledFlow {
    /// "…: the SYN-ACK came 5 times, 3 segments of data were sent again 4 times, and none was acknowledged"
    var halfOpenWords: String {
        let data = tcp.fromA.dataSegments
        let sent = data > 0 ? ", \(counted(data, "segment")) of data from \(record.a.address), none acknowledged" : ""
        return "\(names): the SYN-ACK came \(counted(tcp.fromB.synAcks, "time")) although it was acknowledged\(sent)"
    }
}
