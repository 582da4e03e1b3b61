import NetValues
import Observations
import Synchronization
import Wire

/// A connection for each size, whose first segment of data makes a packet of just that size: as packets of a path, so that the same
/// search finds the limit for TCP. Hop limits are left to others.
package struct SegmentSession: PathSession {
    /// What is said on a connection, and what came back until the deadline.
    package typealias Speech =
        @Sendable (_ stream: any ByteStream, _ wanted: Int, _ deadline: Instant) async throws(ProbeInterruption) ->
        Answer

    package struct Answer: Sendable {
        package let bytes: Int
        /// All came that was wanted, or all there is; false where the deadline came first.
        package let isWhole: Bool
        /// The largest segment that they came in; 0 where it is not known.
        package let largestSegment: Int

        package init(bytes: Int, isWhole: Bool = true, largestSegment: Int = 0) {
            self.bytes = bytes
            self.isWhole = isWhole
            self.largestSegment = largestSegment
        }
    }

    /// What the kernel starts with before a segment came (TCP_MSS_DEFAULT; tcp_initialize_rcv_mss): up to that it shows nothing.
    private static let presumedSegment = 536

    private let segments: any SegmentConnecting
    private let time: any TimeSource
    private let endpoint: Endpoint
    private let source: IPAddress?
    /// Nil to test our own segments; else those of the peer, which it makes of its answer.
    private let speech: Speech?

    package init(
        _ segments: any SegmentConnecting, to endpoint: Endpoint, source: IPAddress?, time: any TimeSource,
        speech: Speech? = nil
    ) {
        self.segments = segments
        self.endpoint = endpoint
        self.source = source
        self.time = time
        self.speech = speech
    }

    package var sourcePort: UInt16? { nil }
    package func route() async -> (mtu: Int?, source: IPAddress?) { (nil, nil) }
    package func close() async {}

    /// Larger ones no option can announce (TCP_MAXSEG of tcp(7) takes 32767 at most).
    private static let largest = 32_767

    package func send(_ packet: PathPacket, deadline: Instant) async throws(ProbeInterruption) -> PathReply {
        let sentAt = time.now()
        let size = packet.size.flatMap { $0 <= Self.largest ? $0 : nil }
        let attempt = try await segments.connect(
            to: endpoint, source: source, largestPacket: size, deadline: deadline)
        guard let stream = attempt.stream else { return refusal(attempt.fact, sentAt) }
        let outcome: SoundingFact.Hop.Outcome
        do throws(ProbeInterruption) {
            outcome = try await self.outcome(of: attempt.fact, stream, packet.size ?? 0, deadline)
        } catch {
            await stream.close()
            throw error
        }
        await stream.close()
        if case .failed(let failure) = outcome, failure.icmp?.origin == .local {
            return PathReply(sentAt: sentAt, outcome: outcome, roundTrip: nil, isRefusedHere: true)
        }
        return PathReply(
            sentAt: sentAt, outcome: outcome, roundTrip: outcome == .silent ? nil : time.now() - sentAt)
    }

    private func refusal(_ fact: ConnectFact, _ sentAt: Instant) -> PathReply {
        let failure: SocketFailure =
            // A handshake that does not come about says nothing of sizes: its packets are small.
            if case .failed(let failure) = fact.outcome { failure } else {
                SocketFailure(code: 110, name: "ETIMEDOUT")
            }
        return PathReply(sentAt: sentAt, outcome: .failed(failure), roundTrip: nil)
    }

    private func outcome(
        of connect: ConnectFact, _ stream: any ByteStream, _ size: Int, _ deadline: Instant
    ) async throws(ProbeInterruption) -> SoundingFact.Hop.Outcome {
        guard let tcp = connect.tcp, tcp.mss > 0 else { return .failed(SocketFailure(code: 0, name: "ENOTSUP")) }
        // The ends agreed on less: nothing so large will ever be sent.
        let agreed = tcp.packetSize(endpoint.address.family)
        if agreed < size { return .failed(tooBig(agreed, .local)) }
        if let speech {
            let answer = try await speech(stream, tcp.mss * 2, deadline)
            guard answer.isWhole else { return .silent }
            // Too short this time to say anything of that size.
            guard answer.bytes >= tcp.mss else { return .failed(SocketFailure(code: 61, name: "ENODATA")) }
            // The peer sends smaller ones than it may, as one that has learned the path MTU does: nothing so large ever comes.
            if tcp.mss > Self.presumedSegment, 1..<tcp.mss ~= answer.largestSegment {
                return .failed(tooBig(answer.largestSegment + agreed - tcp.mss, .local))
            }
            return .answered
        }
        if try await stream.write(Self.unfinishedRequest(tcp.mss), deadline: deadline) != nil { return .silent }
        return try await acknowledgement(of: tcp, stream, deadline)
    }

    /// Waits for TCP's own word that the segment came.
    private func acknowledgement(
        of tcp: TCPFacts, _ stream: any ByteStream, _ deadline: Instant
    ) async throws(ProbeInterruption) -> SoundingFact.Hop.Outcome {
        var pause = Duration.milliseconds(1)
        while let progress = await stream.progress() {
            // Heard of a smaller path MTU: what is acknowledged then came in smaller pieces.
            if progress.segmentBytes > 0, progress.segmentBytes < tcp.mss {
                return .failed(tooBig(progress.pathMTU, endpoint.address.family == .v4 ? .icmp : .icmpv6))
            }
            if progress.acknowledgedBytes >= tcp.mss { return .answered }
            let now = time.now()
            guard now < deadline else { return .silent }
            try await time.sleep(until: min(deadline, now + pause))
            pause = min(pause * 2, .milliseconds(20))
        }
        return .silent
    }

    private func tooBig(_ mtu: Int, _ origin: ICMPErrorReport.Origin) -> SocketFailure {
        SocketFailure(
            code: 90, name: "EMSGSIZE",
            icmp: ICMPErrorReport(
                origin: origin, type: origin == .icmpv6 ? 2 : 3, code: origin == .icmpv6 ? 0 : 4, offender: nil,
                mtu: mtu > 0 ? mtu : nil, isFromOwnHost: origin == .local))
    }

    /// The beginning of a request that no server acts upon, since its head never ends.
    static func unfinishedRequest(_ count: Int) -> [UInt8] {
        let start = Array("GET / HTTP/1.1\r\nUser-Agent: leadsman\r\nX-Padding: ".utf8)
        return Array((start + Array(repeating: UInt8(ascii: "x"), count: max(0, count - start.count))).prefix(count))
    }
}

extension SegmentSession {
    /// So many bytes of an answer are enough for any size that is tried.
    package static let mostAnswer = 65_536

    /// HTTP in the clear: a request for the page at `target`.
    package static func request(_ target: String, of host: String) -> Speech {
        let words = Array(
            "GET \(target) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: leadsman\r\nConnection: close\r\n\r\n".utf8)
        return { stream, wanted, deadline throws(ProbeInterruption) in
            if let end = try await stream.write(words, deadline: deadline) {
                return Answer(bytes: 0, isWhole: end != .deadline)
            }
            var count = 0
            var end: StreamEnd?
            // Where a server keeps the connection open the answer itself says that it is whole.
            var parser: HTTPResponseParser? = HTTPResponseParser(method: "GET")
            while count < wanted, end == nil, parser?.isComplete != true {
                switch try await stream.read(upTo: mostAnswer, deadline: deadline) {
                case .bytes(let bytes):
                    count += bytes.count
                    if (try? parser?.feed(bytes)) == nil { parser = nil }
                case .end(let reason): end = reason
                }
            }
            return Answer(
                bytes: count, isWhole: end != .deadline,
                largestSegment: await stream.progress()?.receivedSegmentBytes ?? 0)
        }
    }

    /// A TLS handshake: the certificates of most servers fill more than a packet.
    /// - Parameter question: what is asked when it is done, of servers whose certificates are small.
    package static func handshake(
        _ tls: any TLSSecuring, with endpoint: Endpoint, _ settings: TLSSettings, then question: Speech? = nil
    ) -> Speech {
        var settings = settings
        settings.certificatePath = nil
        settings.keyPath = nil
        settings.graceForLateAlert = .zero
        let quick = settings
        return { stream, wanted, deadline throws(ProbeInterruption) in
            let handshake = try await tls.secure(stream, to: endpoint, settings: quick, deadline: deadline)
            var bytes = handshake.fact.receivedBytes
            var isWhole = handshake.fact.outcome != .timedOut
            if let secured = handshake.stream, let question {
                do throws(ProbeInterruption) {
                    let answer = try await question(secured, wanted, deadline)
                    bytes += answer.bytes
                    isWhole = answer.isWhole
                } catch {
                    await secured.close()
                    throw error
                }
            }
            let largest = await stream.progress()?.receivedSegmentBytes ?? 0
            await handshake.stream?.close()
            return Answer(bytes: bytes, isWhole: isWhole, largestSegment: largest)
        }
    }
}
