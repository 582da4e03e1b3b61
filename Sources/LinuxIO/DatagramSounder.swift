import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit

/// Datagrams with one hop limit after the other from one socket, so that all of them are one flow. Each carries its limit, which
/// the ICMP errors quote (RFC 1812 section 4.3.2.3: as much of the packet as fits).
actor DatagramSounder {
    private nonisolated let reactor: Reactor
    private let request: SoundingRequest
    private var sentAt: [Int: Instant] = [:]
    private var found: [Int: SoundingFact.Hop] = [:]
    private var isRefusedHere = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.unownedExecutor }

    /// At once. Few, since the target's own errors are rationed (icmp_ratelimit of icmp(7)), and the packets that get there tell
    /// nothing new after the first.
    private static let breadth = 4
    /// After so many silent rounds nothing more is expected.
    private static let longestSilence = 2
    private static let shortestQuiet = Duration.milliseconds(50)

    init(_ request: SoundingRequest, _ reactor: Reactor) {
        self.request = request
        self.reactor = reactor
    }

    func hops() async throws(ProbeInterruption) -> [SoundingFact.Hop] {
        let socket: OwnedSocket
        do {
            socket = try OwnedSocket.connecting(type: .datagram, to: request.endpoint, source: request.source)
            try socket.apply(HopSettings(asksForAnswers: true), request.endpoint.address.family)
            try await reactor.register(socket.descriptor)
        } catch  where error.code == EAFNOSUPPORT {
            return []
        } catch {
            throw .unable(error.inability(to: "open a UDP socket to \(request.endpoint)"))
        }
        do throws(ProbeInterruption) {
            try await sound(from: socket)
            await reactor.unregister(socket.descriptor)
        } catch {
            await reactor.unregister(socket.descriptor)
            throw error
        }
        return sentAt.keys.sorted().map { found[$0] ?? SoundingFact.Hop(limit: $0, outcome: .silent, roundTrip: nil) }
    }

    private func sound(from socket: OwnedSocket) async throws(ProbeInterruption) {
        let refusal = socket.connect(to: request.endpoint)
        guard refusal == 0 else { return fail(request.limits.lowerBound, socket.failure(refusal)) }
        var silentRounds = 0
        var next = request.limits.lowerBound
        while next <= request.limits.upperBound, Instant.now < request.deadline, silentRounds < Self.longestSilence {
            let known = found.count
            try await round(Array(next...min(next + Self.breadth - 1, request.limits.upperBound)), socket)
            if isRefusedHere || found.values.contains(where: \.outcome.isEnd) { break }
            silentRounds = found.count == known ? silentRounds + 1 : 0
            next += Self.breadth
        }
        guard !isRefusedHere else { return }
        let again = SoundingFact.Hop.doubtful(found, among: sentAt.keys.sorted())
        if !again.isEmpty, Instant.now < request.deadline { try await round(again, socket) }
    }

    private func round(_ limits: [Int], _ socket: OwnedSocket) async throws(ProbeInterruption) {
        for limit in limits {
            send(limit, socket)
            if isRefusedHere { return }
        }
        let start = Instant.now
        var slowest = Duration.zero
        var end = min(
            request.deadline,
            start
                + request.patience(
                    after: found.values.compactMap(\.roundTrip).max(),
                    isFirst: limits.first == request.limits.lowerBound))
        while true {
            if drain(socket) {
                slowest = Instant.now - start
                end = min(request.deadline, .now + max(Self.shortestQuiet, slowest * 2))
            }
            if limits.allSatisfy({ found[$0] != nil }) { return }
            guard try await reactor.wait(for: .readable, on: socket.descriptor, until: end) else {
                _ = drain(socket)
                return
            }
        }
    }

    private func send(_ limit: Int, _ socket: OwnedSocket) {
        do {
            try socket.apply(HopSettings(limit: limit), request.endpoint.address.family)
        } catch {
            return fail(limit, SocketFailure(code: error.code, name: errnoName(error.code)))
        }
        // An error of a packet before stands in the way of the next call (udp(7)), once each.
        for _ in 0..<Self.breadth {
            sentAt[limit] = .now
            let sent = socket.send(Self.payload(limit)[...])
            if sent.code == 0 { return }
            if !drain(socket) { return fail(limit, socket.failure(sent.code)) }
        }
    }

    /// This host itself does not let it out, or has no way.
    private func fail(_ limit: Int, _ failure: SocketFailure) {
        sentAt[limit] = .now
        found[limit] = SoundingFact.Hop(limit: limit, outcome: .failed(failure), roundTrip: nil)
        isRefusedHere = true
    }

    /// Whether anything had come.
    private func drain(_ socket: OwnedSocket) -> Bool {
        var hasHeard = false
        // More than were ever sent is a flood.
        for _ in 0..<Self.mostHeard {
            guard let error = socket.nextQueuedError() else { break }
            hasHeard = true
            note(error)
        }
        // A service that answers, which is not asked for here, and the socket's own error.
        for _ in 0..<Self.mostHeard {
            if socket.receive(upTo: 512).code == EAGAIN { break }
            hasHeard = true
        }
        return hasHeard
    }

    private static let mostHeard = 64

    private func note(_ error: QueuedError) {
        guard let limit = Self.limit(quoted: error.quoted), let sent = sentAt[limit], found[limit] == nil else {
            return
        }
        found[limit] = SoundingFact.Hop(limit: limit, outcome: .init(error.failure), roundTrip: .now - sent)
    }

    // MARK: - What a datagram carries

    private static func payload(_ limit: Int) -> [UInt8] { [UInt8(clamping: limit), ~UInt8(clamping: limit)] }

    /// Nil where the router quotes no more than the header, or it is not ours.
    static func limit(quoted: [UInt8]) -> Int? {
        guard quoted.count >= 2, quoted[0] == ~quoted[1], (1...30).contains(quoted[0]) else { return nil }
        return Int(quoted[0])
    }
}
