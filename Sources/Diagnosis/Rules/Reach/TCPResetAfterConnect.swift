import NetValues
import Observations
import Planning

/// The connection is made and then reset (catalogue sections 4 and 17, number 9).
enum TCPResetAfterConnect: Rule {
    static let layer = Layer.beside
    static let explanation = FindingExplanation(
        id: "tcp-reset-after-connect", severity: .error, title: "Connections are accepted and then reset",
        signals: [
            "TCP connects, and a reset comes before or after the first bytes; the evidence says when, and after how many",
            "in a capture: the server resets what it has not answered with a byte, or a reset has another TTL than its sender's packets",
        ],
        lookalikes: [
            "tcp-refused: the reset answers the SYN, and nothing was ever accepted",
            "http-protocol-error: an orderly end (FIN), without an answer or in the middle of it",
            "egress-fqdn-filtered: the same address answers under another name",
            "mtls-required: TLS asked for a client certificate and then hung up",
            "tls-plaintext-on-tls-port, tls-version-mismatch: an answer or an alert says what is wrong",
            "nat-idle-timeout: the reset comes only after a long silence",
        ],
        traps: [
            "a server that closes without reading what it was sent resets as well: then the application is at fault, not the network",
            "from one vantage it cannot be seen who sent the reset: compare the TTL of the reset with that of the SYN-ACK (--evidence does)",
            "browsers and servers end connections that they are done with by resets: these are no finding",
        ],
        remedy: undecided)

    private static let undecided = [
        "look into the server's log at this moment: an application that crashes or closes unread resets too",
        "else capture on this host (tcpdump -v 'tcp[tcpflags] & (tcp-rst|tcp-syn) != 0'): a reset whose TTL differs from the SYN-ACK's comes from a device on the way",
    ]

    static func findings(in evidence: Evidence) -> [Finding] {
        let open = MTLSRequired.endpointsWithoutCertificates(evidence)
        let filtered = FilteredNames(evidence).checks
        let broken = evidence.measured.compactMap { check -> Broken? in
            // Where the name decides, egress-fqdn-filtered tells it.
            guard check.check.expectation.word == .reachable, check.isFailing, !filtered.contains(check.name) else {
                return nil
            }
            // Who asks for a certificate and then hangs up has said why: mtls-required.
            let samples = check.samples.filter {
                !check.meetsExpectation($0) && MTLSRequired.refusals($0, open).isEmpty
            }.map(ConnectionReset.all)
            let count = samples.count { !$0.isEmpty }
            return count == 0 ? nil : Broken(check: check, resets: samples.flatMap(\.self), samples: count)
        }
        let concerned = Set(broken.flatMap(\.resets).map(\.endpoint))
        let handshakes = Dictionary(
            grouping: evidence.checks.flatMap(\.handshakes).filter { concerned.contains($0.endpoint) }, by: \.endpoint)
        return grouped(broken, by: \.check.subject).map { subject, members in
            judge(subject, members, handshakes)
        } + CapturedResets.all(in: evidence).map(judge)
    }

    private static func judge(_ resets: CapturedResets) -> Finding {
        finding(
            resets.subject, checks: [], confidence: resets.confidence, summary: resets.summary, evidence: resets.lines,
            cause: resets.origin.cause,
            remedy: resets.origin != .server
                ? ["ask who runs filters, firewalls and proxies on the way"] : [undecided[0]])
    }

    private struct Broken {
        let check: CheckEvidence
        let resets: [ConnectionReset]
        let samples: Int
    }

    private static func judge(_ subject: String, _ members: [Broken], _ handshakes: [Endpoint: [TLSFact]]) -> Finding {
        let resets = members.flatMap(\.resets)
        let reading = ResetReading(resets, resets.map(\.endpoint).unique().flatMap { handshakes[$0] ?? [] })
        let total = members.map(\.check.samples.count).reduce(0, +)
        let count = members.map(\.samples).reduce(0, +)
        let share = total > count ? " in \(count) of \(total) samples" : ""
        let wire = ResetsOnWire(members.map(\.check))
        return finding(
            subject, checks: members.map(\.check.name), confidence: .certain,
            summary: "\(subject) accepts connections and then resets them, \(reading.point)\(share).",
            evidence: evidenceLines(resets.map(\.words)) + timing(resets) + wire.lines + reading.evidence,
            cause: [wire.origin?.cause, wire.origin == .elsewhere ? nil : reading.cause].compactMap(\.self)
                .joined(separator: " "),
            remedy: reading.remedy + (wire.origin == nil ? undecided : [undecided[0]]))
    }

    private static func timing(_ resets: [ConnectionReset]) -> [String] {
        guard let first = resets.map(\.elapsed).min(), let last = resets.map(\.elapsed).max() else { return [] }
        let span = first == last ? first.spoken : "\(first.spoken) to \(last.spoken)"
        let trip = resets.compactMap(\.roundTrip).min().map { "; a round trip takes \($0.spoken)" } ?? ""
        return ["the reset came after \(span)\(trip)"]
    }
}

/// What the moment of the resets, beside everything else that was seen at the endpoint, says of their reason.
private struct ResetReading {
    private let resets: [ConnectionReset]
    private let phase: ConnectionReset.Phase
    private let isHTTP: Bool
    /// Another server name with which the same endpoint shook hands.
    private let otherName: String?
    /// The same endpoint speaks TLS.
    private let speaksTLS: Bool
    private let wantsCertificate: Bool
    private let isNearer: Bool

    /// - Parameter handshakes: all of the run with these endpoints.
    init(_ resets: [ConnectionReset], _ handshakes: [TLSFact]) {
        self.resets = resets
        phase = resets[0].phase
        isHTTP = resets.contains(where: \.isHTTP)
        isNearer = Self.isNearer(resets)
        let names = Set(resets.map(\.serverName))
        let sound = handshakes.filter { $0.outcome == .established }
        otherName =
            phase == .clientHello && !sound.contains { names.contains($0.serverName) }
            ? sound.first.map { $0.serverName ?? "none" } : nil
        speaksTLS = handshakes.contains { $0.version != nil }
        wantsCertificate = handshakes.contains { $0.clientCertificate != nil }
    }

    /// Twice, and against the shortest round trip: one SYN that was held up looks like a long way.
    private static func isNearer(_ resets: [ConnectionReset]) -> Bool {
        guard resets.count >= 2, let trip = resets.compactMap(\.roundTrip).min() else { return false }
        return resets.allSatisfy { $0.isNearer(than: trip) }
    }

    var point: String {
        switch phase {
        case .waiting: "before a byte was said"
        case .words: isHTTP ? "right after the request" : "after our first bytes"
        case .clientHello: "right after the ClientHello"
        case .handshake: "in the middle of the TLS handshake"
        case .answer: "in the middle of the answer"
        }
    }

    private var isPlainOnTLS: Bool { phase == .words && speaksTLS }

    var evidence: [String] {
        var lines: [String] = []
        if let otherName {
            lines.append("the same endpoint shakes hands when the server name is \(otherName.escaped(limit: 80))")
        }
        if isPlainOnTLS {
            lines.append(
                "the same endpoint speaks TLS\(wantsCertificate ? " and asks for a client certificate" : "")")
        }
        if isNearer { lines.append("that is sooner than the target can have answered") }
        return lines
    }

    var cause: String {
        if isNearer {
            return
                "A device between here and the target resets the connection: the target could not have been so quick."
        }
        if otherName != nil {
            return
                "The server name decides: a filter, firewall or proxy on the way lets other names pass, or the server knows no such name."
        }
        if isPlainOnTLS {
            return
                "The port wants TLS\(wantsCertificate ? ", with a client certificate (mutual TLS)," : "") and was asked in plaintext."
        }
        let likely =
            switch phase {
            case .waiting:
                "a server that rejects this client by its address, is full, or crashes; a proxy without a backend"
            case .words where isHTTP:
                "a port that wants TLS or mutual TLS, a filter that reads requests, or an application that crashes over them"
            case .words:
                "a server that does not understand these bytes, a filter that reads them, or an application that crashes"
            case .clientHello:
                "a filter or proxy that goes by the server name, a server that crashes, or one that is no TLS server"
            case .handshake: "a filter that reads the handshake, or a server that cannot go on with it"
            case .answer:
                "an application that crashes over its answer, a filter that reads it, or a device that lost the connection's state"
            }
        return "Either the server itself or a device on the way did this, which the bytes alone do not show: \(likely)."
    }

    var remedy: [String] {
        if otherName != nil {
            return ["have the server name allowed where names are filtered, or add it to the server"]
        }
        if isPlainOnTLS {
            return [
                wantsCertificate
                    ? "use TLS with a client certificate, or exempt the port from mutual TLS"
                    : "use TLS (https://) on this port"
            ]
        }
        switch phase {
        case .clientHello: return ["repeat with another serverName: if that works, names are filtered"]
        case .words where isHTTP: return ["repeat with https:// (and a client certificate where a mesh is in play)"]
        default: return []
        }
    }
}
