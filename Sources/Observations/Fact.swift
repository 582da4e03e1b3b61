import NetValues
import Wire

/// Something observed during a sample, in the order in which it happened. Facts never judge.
/// Indirect: most facts are much smaller than the largest, and all are handed on many times. So are outcomes, of which only a
/// failure is large: a check that waits holds room for several.
package enum Fact: Sendable {
    indirect case resolution(ResolutionFact)
    case dns(DNSFact)
    indirect case connect(ConnectFact)
    indirect case datagram(DatagramFact)
    indirect case banner(BannerFact)
    indirect case tls(TLSFact)
    indirect case http(HTTPFact)
    indirect case echo(EchoFact)
    case capture(CaptureFact)
    indirect case sounding(SoundingFact)
    indirect case service(ServiceFact)
    indirect case neighbour(NeighbourFact)
    indirect case flows(FlowsFact)
    indirect case idle(IdleFact)
    indirect case pairs(DNSPairFact)
    indirect case rate(DNSRateFact)
    indirect case trace(TraceFact)
    indirect case pathMTU(PathMTUFact)
    indirect case throughput(ThroughputFact)
}

extension Fact {
    /// Of an attempt that was made only to compare: with another server name, or over another transport.
    package var isContrast: Bool {
        switch self {
        case .connect(let fact): fact.isContrast
        case .tls(let fact): fact.isContrast
        case .http(let fact): fact.isContrast
        default: false
        }
    }
}

extension ConnectFact {
    /// The same as something that was done only to compare.
    package var asContrast: ConnectFact {
        ConnectFact(
            endpoint: endpoint, source: source, elapsed: elapsed, outcome: outcome, tcp: tcp, isLetOut: isLetOut,
            isContrast: true)
    }
}

/// One try of one question to one server over one transport. A class: an answer is large, and every rule takes it in hand.
package final class DNSFact: Sendable {
    package enum Transport: String, Hashable, Sendable { case udp, tcp }

    /// Why this exchange was made.
    package enum Step: String, Hashable, Sendable {
        case query
        /// The same datagram once more, since the first got no answer.
        case again
        /// Over TCP, because the answer over UDP was truncated.
        case truncated
        /// Beside the questions proper: over TCP where UDP is silent, or another form of a name that does not exist.
        case contrast
        /// A name made at random beside a form that exists: where it exists too, a wildcard answers for any name.
        case wildcard
        /// The same question with a smaller EDNS size or without EDNS (`offeredSize`), since the first stayed silent.
        case plain
        /// The same question once more although it was answered: whether a server says the same each time.
        case repeated
        /// A name made at random in a zone that has nothing to do with the check's: nobody should have an answer for it.
        case random
        /// The addresses of a host that an SRV record names.
        case target
        /// The name of an address that an answer holds.
        case reverse

        /// None of the questions that an application would put.
        package var isBeside: Bool { self != .query && self != .again && self != .truncated && self != .plain }
    }

    /// Indirect, since a message is large and facts are handed on many times.
    package indirect enum Outcome: Sendable {
        /// A well-formed answer to our question, whatever its rcode.
        case answered(DNSMessage)
        case timedOut
        case failed(SocketFailure)
        /// Something came that is no answer: garbage, wrong question, cut short. The reason and its first bytes.
        case malformed(reason: String, bytes: [UInt8])
        /// `contrast` and `truncated` only: the TCP connection was accepted, and nothing came.
        case connected
    }

    package let server: Endpoint
    package let transport: Transport
    package let step: Step
    package let name: DomainName
    package let type: DNSType
    package let elapsed: Duration
    package let outcome: Outcome
    /// The size of UDP answer that the question's OPT record offered, in bytes; nil without EDNS.
    package let offeredSize: UInt16?
    /// The answer, when there was one; beside the outcome, since taking it out of there copies all of it.
    package let message: DNSMessage?
    package let rcode: DNSRcode?
    /// Where the question left from, and its id: by these its packets are known. Nil where nothing left.
    package let source: Endpoint?
    package let id: UInt16?

    package init(
        server: Endpoint, transport: Transport, step: Step, name: DomainName, type: DNSType, elapsed: Duration,
        outcome: Outcome, source: Endpoint? = nil, id: UInt16? = nil, offeredSize: UInt16? = nil
    ) {
        self.offeredSize = offeredSize
        self.source = source
        self.id = id
        self.server = server
        self.transport = transport
        self.step = step
        self.name = name
        self.type = type
        self.elapsed = elapsed
        self.outcome = outcome
        message = if case .answered(let message) = outcome { message } else { nil }
        rcode = message?.rcode
    }
}

extension DNSFact {
    /// Records that answer the question.
    package var data: [DNSRecord] { message?.rcode == .noError ? message?.records(for: name, type) ?? [] : [] }
    package var hasData: Bool { !data.isEmpty }
    /// Cut short over UDP: an application asks again over TCP, and uses nothing of it.
    package var isCut: Bool { transport == .udp && rcode != nil && message?.isTruncated == true }
}

/// How a host name became addresses, as an application's resolver would do it: hosts file, then search list, then servers.
package struct ResolutionFact: Sendable {
    package enum Source: String, Hashable, Sendable { case literal, hostsFile, dns }

    package enum Outcome: Hashable, Sendable {
        case addresses([IPAddress])
        /// At least one server said that no such name exists, under every name tried.
        case nameNotFound
        /// The name exists, but has no address of the families asked for.
        case noAddress
        /// No server gave a usable answer: silence, refusal, SERVFAIL. The facts before this one say which.
        case failed
    }

    package let host: Host
    package let source: Source
    /// The names asked for, in order, with what each gave. Empty when DNS was not asked.
    package let tried: [TriedName]
    package let outcome: Outcome
    package let elapsed: Duration

    package init(host: Host, source: Source, tried: [TriedName], outcome: Outcome, elapsed: Duration) {
        self.host = host
        self.source = source
        self.tried = tried
        self.outcome = outcome
        self.elapsed = elapsed
    }

    package var addresses: [IPAddress] {
        if case .addresses(let addresses) = outcome { addresses } else { [] }
    }
}

/// One candidate of the search list and what came of it ("NXDOMAIN", "2 addresses", "no answer").
package struct TriedName: Hashable, Sendable {
    package let name: DomainName
    package let result: String
    package let found: Bool

    package init(name: DomainName, result: String, found: Bool) {
        self.name = name
        self.result = result
        self.found = found
    }
}

/// One TCP connection attempt to one address.
package struct ConnectFact: Sendable {
    package indirect enum Outcome: Hashable, Sendable {
        case connected
        /// Nothing came back until the deadline.
        case timedOut
        case failed(SocketFailure)
    }

    package let endpoint: Endpoint
    package let source: Endpoint?
    package let elapsed: Duration
    package let outcome: Outcome
    package let tcp: TCPFacts?
    /// Netfilter on this host let a packet of it out, be it to another address than this endpoint's. Looked at when nothing
    /// came back; false as well where no connections are tracked.
    package let isLetOut: Bool
    /// Made beside what was asked for, only to compare: it decides nothing about the check.
    package let isContrast: Bool

    package init(
        endpoint: Endpoint, source: Endpoint?, elapsed: Duration, outcome: Outcome, tcp: TCPFacts?,
        isLetOut: Bool = false, isContrast: Bool = false
    ) {
        self.isContrast = isContrast
        self.endpoint = endpoint
        self.source = source
        self.elapsed = elapsed
        self.outcome = outcome
        self.tcp = tcp
        self.isLetOut = isLetOut
    }
}

/// From TCP_INFO (linux/tcp.h) at the end of the connect.
package struct TCPFacts: Hashable, Sendable {
    package let rtt: Duration?
    package let mss: Int
    package let pathMTU: Int
    /// Retransmitted segments; before the handshake ends these are SYNs.
    package let retransmits: Int
    /// In each segment beside its payload of `mss` bytes: 12 with time stamps (RFC 7323).
    package let optionBytes: Int

    package init(rtt: Duration?, mss: Int, pathMTU: Int, retransmits: Int, optionBytes: Int = 0) {
        self.optionBytes = optionBytes
        self.rtt = rtt
        self.mss = mss
        self.pathMTU = pathMTU
        self.retransmits = retransmits
    }
}

extension TCPFacts {
    /// The whole IP packet of a full segment.
    package func packetSize(_ family: IPAddress.Family) -> Int { mss + optionBytes + (family == .v4 ? 40 : 60) }
}

extension ConnectFact {
    /// The largest packet that TCP sends on this connection.
    package var agreedSize: Int? { outcome == .connected ? tcp.map { $0.packetSize(endpoint.address.family) } : nil }
}

/// One UDP datagram sent beside a silent TCP port, to learn whether anything answers at all. It needs no right, and unlike
/// TCP it fails at once when the own host forbids sending.
package struct DatagramFact: Sendable {
    package indirect enum Outcome: Hashable, Sendable {
        case silent
        case answered
        case failed(SocketFailure)
    }

    package let endpoint: Endpoint
    /// Where it left from; nil where it did not.
    package let source: Endpoint?
    package let elapsed: Duration
    package let outcome: Outcome

    package init(endpoint: Endpoint, source: Endpoint? = nil, elapsed: Duration, outcome: Outcome) {
        self.endpoint = endpoint
        self.source = source
        self.elapsed = elapsed
        self.outcome = outcome
    }
}

/// What was read after connecting, when a plan asked for a banner.
package struct BannerFact: Sendable {
    package let endpoint: Endpoint
    /// At most the first 1024 bytes.
    package let bytes: [UInt8]
    package let end: StreamEnd
    package let elapsed: Duration
    /// What we said before, as far as the kernel took it.
    package let sentBytes: Int
    /// Where nothing more came until the deadline.
    package let progress: StreamProgress?

    package init(
        endpoint: Endpoint, bytes: [UInt8], end: StreamEnd, elapsed: Duration, sentBytes: Int = 0,
        progress: StreamProgress? = nil
    ) {
        self.progress = progress
        self.endpoint = endpoint
        self.bytes = bytes
        self.end = end
        self.elapsed = elapsed
        self.sentBytes = sentBytes
    }
}

/// Why reading stopped.
package indirect enum StreamEnd: Hashable, Sendable {
    /// What was wanted had come.
    case satisfied
    /// An orderly end: FIN, or close_notify under TLS.
    case closed
    case deadline
    case failed(SocketFailure)
    /// A TLS alert or record error, by name.
    case tlsFailed(String)

    /// A reset (RFC 9293 section 3.5.2). EPIPE is none: the kernel gives it where the peer's FIN came first.
    package var isReset: Bool { if case .failed(let failure) = self { failure.isReset } else { false } }
}

/// One echo request and what became of it.
package struct EchoFact: Sendable {
    package indirect enum Outcome: Hashable, Sendable {
        case replied
        case lost
        /// An ICMP error answered in place of the target.
        case failed(SocketFailure)
    }

    package let address: IPAddress
    package let sequence: Int
    package let outcome: Outcome
    package let roundTrip: Duration?
    /// TTL or hop limit of the reply.
    package let hopLimit: Int?
    /// Further copies of the reply.
    package let duplicates: Int
    /// Arrived after the reply to a later request.
    package let isLate: Bool
    /// Stamped by the kernel (true) or by us after it woke us (false).
    package let isKernelStamped: Bool
    /// Replies that carried our identifier but not our content: forged, replayed or corrupted.
    package let foreignReplies: Int
    /// In the ICMP header of the request; nil where none left.
    package let identifier: UInt16?

    package init(
        address: IPAddress, sequence: Int, outcome: Outcome, roundTrip: Duration?, hopLimit: Int? = nil,
        duplicates: Int = 0, isLate: Bool = false, isKernelStamped: Bool = true, foreignReplies: Int = 0,
        identifier: UInt16? = nil
    ) {
        self.address = address
        self.identifier = identifier
        self.sequence = sequence
        self.outcome = outcome
        self.roundTrip = roundTrip
        self.hopLimit = hopLimit
        self.duplicates = duplicates
        self.isLate = isLate
        self.isKernelStamped = isKernelStamped
        self.foreignReplies = foreignReplies
    }
}
