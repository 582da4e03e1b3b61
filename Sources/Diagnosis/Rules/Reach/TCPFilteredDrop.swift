import NetValues
import Observations
import Planning
import Wire

/// Packets leave and nothing comes back (catalogue section 4).
enum TCPFilteredDrop: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "tcp-filtered-drop", severity: .error, title: "TCP packets disappear on the way",
        signals: [
            "SYNs are sent, at least two, and nothing comes back: no SYN-ACK, no reset, no ICMP",
            "something else of the same host does answer: another port, an echo, a UDP datagram's ICMP error",
            "SYNs with growing hop limits: routers answer up to the place where they end, datagrams get further or to the target",
            "in a capture: SYNs of the conversation, repeated, and no packet back",
        ],
        lookalikes: [
            "the host is down: then nothing of it answers at all (confidence is only possible)",
            "next-hop-unresolved: after three seconds the own kernel says that nobody is there",
            "local-egress-denied: a UDP datagram beside it fails with EPERM",
            "asymmetric-routing: the SYN-ACK is in the capture",
            "listen-backlog-overflow, snat-port-exhaustion: some connections do work",
        ],
        traps: [
            "a single lost SYN proves nothing", "rejects that are rate-limited look like drops",
            "a capture that sees one direction only, or lost packets itself, shows no silence",
            "routers that never answer, or ration their answers, are silent hops of a way that works: only what gets further shows a place",
        ],
        remedy: [
            "ask for an allow rule for this flow: in NetworkPolicies of both sides, security groups and firewalls",
            "find where it ends: leadsman check from a vantage nearer to the target",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let silent = evidence.checks.compactMap { check in Silence(check, in: evidence) }
        return grouped(silent, by: \.group).map { group, members in judge(group, members, evidence) }
            + evidence.captures.flatMap(SilentTargets.all).map(judge)
    }

    /// Of a capture that nobody probed in.
    private static func judge(_ silence: SilentTargets) -> Finding {
        let ports = silence.targets.map { String($0.server.port) }
        let name = ports.count == 1 ? silence.targets[0].server.description : silence.address.description
        return finding(
            name, checks: [], confidence: silence.confidence,
            summary: silence.isAlive
                ? "Connections to \(name)\(ports.count == 1 ? "" : " (TCP \(listed(ports)))") disappear without an answer, while the host is up."
                : "Nothing answers on \(ports.count == 1 ? name : "TCP \(listed(ports)) of \(name)"): dropped on the way, or the host is down.",
            evidence: silence.lines,
            cause: silence.isAlive
                ? "Between where this was captured and the server a filter drops this port without a word, or the server's own filter or full queue does."
                : "Either a filter drops these packets without a word, or no host with this address is up, or its answers take another way than past this capture.",
            remedy: silence.isAlive ? nil : ["check that the host is up and the address is right"] + explanation.remedy)
    }

    private static func judge(_ group: String, _ members: [Silence], _ evidence: Evidence) -> Finding {
        let addresses = members.flatMap(\.addresses).unique()
        let isAlive = addresses.contains(where: evidence.isAlive)
        let waited = members.flatMap(\.flows).map(\.elapsed).max() ?? .zero
        if let trip = roundTrip(addresses, evidence), trip > waited {
            return tooShort(group, members, (waited, trip), signsOfLife(of: addresses, evidence))
        }
        let ports = members.flatMap(\.ports).unique().map { "TCP \($0)" }
        let who = listed(addresses.map(\.description))
        // A target that was given by its address says the rest itself.
        let isAddress = members.allSatisfy { $0.check.check.target.host?.address != nil }
        let place = place(of: members, isAlive: isAlive, evidence)
        let point = place.map { " \($0.words)" } ?? ""
        return finding(
            group, checks: members.map(\.check.name), confidence: isAlive ? .likely : .possible,
            summary: isAlive
                ? "Connections to \(group)\(isAddress ? "" : " (\(listed(ports)), \(who))") disappear\(point) without an answer, while the host is up\(members.lazy.compactMap(\.contrast).first.map { ": \($0.words)" } ?? "")."
                : "Nothing answers on \(isAddress ? group : "\(listed(ports)) of \(group) (\(who))"): dropped on the way\(point), or the host is down.",
            evidence: members.compactMap(\.contrast?.words).unique() + flowLines(members.flatMap(\.flows))
                + wire(members) + signsOfLife(of: addresses, evidence)
                + evidence.wayLines(of: members.map(\.check)),
            cause: isAlive
                ? place?.cause
                    ?? "A network policy, security group or firewall on the way, or the target's own, drops this port without a word; a server whose queue of new connections is full does so too."
                : "\(place.map { "\($0.cause) " } ?? "")Either a filter drops these packets without a word, or no host with this address is up, or its answers do not find the way back\(waited < .milliseconds(500) ? ", or the time-out is too short" : ""); from here these look alike.",
            remedy: isAlive
                ? explanation.remedy
                : ["check that the host is up and the address is right"] + explanation.remedy)
    }

    /// Where all of these end, when that is one place.
    private static func place(of members: [Silence], isAlive: Bool, _ evidence: Evidence) -> DropPlace? {
        let endpoints = members.flatMap(\.check.wayEndpoints).unique()
        let places = Set(endpoints.compactMap { evidence.ways.to($0).flatMap { DropPlace($0, isAlive: isAlive) } })
        return places.count == 1 ? places.first : nil
    }

    /// What leaves and does not come back, where it was captured: then the own host has no part in it.
    private static func wire(_ members: [Silence]) -> [String] {
        let lines = members.flatMap { member in
            member.check.connects.map(\.endpoint).unique().flatMap { endpoint in
                member.check.captured(endpoint).filter { $0.record.fromB.packets == 0 }.map(\.silenceWords)
                    + member.check.translated(endpoint).map {
                        "\($0.silenceWords): this host sends there what is meant for \(endpoint)"
                    }
            }
        }
        return evidenceLines(lines, limit: 3)
    }

    /// The quickest answer of these addresses to something else.
    private static func roundTrip(_ addresses: [IPAddress], _ evidence: Evidence) -> Duration? {
        addresses.flatMap { evidence.signsOfLife[$0] ?? [] }.filter { $0.carrier != .udp && $0.elapsed > .zero }
            .map(\.elapsed).min()
    }

    /// An answer could not have come in time.
    private static func tooShort(
        _ group: String, _ members: [Silence], _ times: (waited: Duration, trip: Duration), _ life: [String]
    ) -> Finding {
        finding(
            group, checks: members.map(\.check.name), confidence: .possible,
            summary:
                "Connections to \(group) get no answer in \(times.waited.spoken), and a round trip to the host takes \(times.trip.spoken): the time-out is too short to tell more.",
            evidence: flowLines(members.flatMap(\.flows)) + life,
            cause: "The way is long or congested. Whether the port is filtered as well cannot be told.",
            remedy: ["repeat with a time-out of several round trips (timeout: in the plan, --timeout)"])
    }

    private static func signsOfLife(of addresses: [IPAddress], _ evidence: Evidence) -> [String] {
        let lines = flowLines(addresses.flatMap { evidence.signsOfLife[$0] ?? [] }, limit: 3).map {
            "but the host is up: \($0)"
        }
        return lines.isEmpty
            ? ["nothing else of \(listed(addresses.map(\.description))) answered during this run either"] : lines
    }

    /// A check whose every connection attempt met silence.
    private struct Silence {
        let check: CheckEvidence
        let flows: [Flow]
        /// The same endpoint is reached from another address of this host.
        let contrast: SourceContrast?

        init?(_ check: CheckEvidence, in evidence: Evidence) {
            guard check.check.expectation.word != .blocked, check.isAllFailing else { return nil }
            let connects = check.connectFlows
            guard !connects.isEmpty, connects.allSatisfy({ $0.outcome == .silent }) else { return nil }
            // One SYN may simply be lost; two are what the catalogue asks for.
            guard connects.reduce(0, { $0 + $1.attempts }) >= 2 else { return nil }
            let endpoints = check.wayEndpoints
            contrast = SourceContrast(check, in: evidence)
            guard contrast != nil || !endpoints.contains(where: evidence.openEndpoints.contains) else { return nil }
            // The own kernel says why it does not answer (listen-backlog-overflow).
            guard !endpoints.allSatisfy(evidence.overflows) else { return nil }
            // An answer that this host did not take, or a packet that never left it, is another matter.
            guard !check.isAnsweredUnheard, !check.leftNothingOnTheWire else { return nil }
            self.check = check
            flows = connects
        }

        var addresses: [IPAddress] { flows.map(\.destination).unique() }
        var ports: [UInt16] { flows.compactMap(\.port).unique() }
        var group: String { check.subject }
    }
}
