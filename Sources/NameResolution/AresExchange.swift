import CLinux
import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Wire

/// DNS exchanges through c-ares. Queries over UDP to one server share a channel and its socket; a query over TCP has a
/// channel of its own, since c-ares 1.18 does not take several answers from one connection reliably.
package actor AresExchange: DNSExchanging {
    private let reactor: Reactor
    /// The reactor's thread: c-ares, its sockets and its clock meet there without locks.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.executor.asUnownedSerialExecutor() }

    /// Channels that take queries of their kind while they have room.
    private var shared: [AresChannel.Key: [AresChannel]] = [:]
    /// One of those: mostly the next query is of the last one's kind.
    private var latest: AresChannel?
    /// Every open channel: the shared ones, and those of TCP queries.
    private var channels: [ObjectIdentifier: AresChannel] = [:]
    /// No deadline lies before this; `nil` when nobody waits.
    private var earliestDeadline: Instant?
    private var isKeepingTime = false

    package init(reactor: Reactor) {
        self.reactor = reactor
    }

    package func exchange(
        _ query: DNSMessage, with server: Endpoint, over transport: DNSFact.Transport, source: IPAddress?,
        deadline: Instant
    ) async throws(ProbeInterruption) -> DNSReply {
        guard let question = query.questions.first else {
            throw .unable(
                Inability(
                    .internalFault, action: "ask \(server)", reason: "the query holds no question",
                    fix: "please report this"))
        }
        guard deadline > .now else { return DNSReply(elapsed: .zero, outcome: .timedOut) }
        let channel = try channel(server, source, transport, deadline)
        channel.waiting += 1
        let outstanding = OutstandingQuery(
            id: channel.freshID(), question: question, offeredSize: query.edns?.udpPayloadSize, deadline: deadline,
            channel: channel, begun: .now)
        await withTaskCancellationHandler {
            begin(query, outstanding)
            await withUnsafeContinuation { outstanding.wait($0) }
        } onCancel: {
            // Queued behind the job that sends.
            reactor.executor.submit { _ in outstanding.interrupt(.cancelled) }
        }
        if transport == .tcp { close(channel) }
        // There is an ending, or nobody would have gone on.
        return try outstanding.ending?.get() ?? DNSReply(elapsed: .zero, outcome: .timedOut)
    }

    private func begin(_ query: DNSMessage, _ outstanding: OutstandingQuery) {
        let channel = outstanding.channel
        var query = query
        query.id = outstanding.id
        channel.send(query.encoded(), for: outstanding)
        if Task.isCancelled { outstanding.interrupt(.cancelled) }
        earliestDeadline = min(earliestDeadline ?? outstanding.deadline, outstanding.deadline)
        settle(channel)
        keepTime()
    }

    // MARK: Channels

    private func channel(
        _ server: Endpoint, _ source: IPAddress?, _ transport: DNSFact.Transport, _ deadline: Instant
    ) throws(ProbeInterruption) -> AresChannel {
        try checkReachable(server, source)
        let key = AresChannel.Key(
            server: server, source: source, transport: transport, timer: Self.timer(for: deadline))
        if transport == .udp, let channel = sharedChannel(key) { return channel }
        do throws(Inability) {
            let channel = try AresChannel(key, reactor: reactor)
            channels[ObjectIdentifier(channel)] = channel
            if transport == .udp {
                shared[key, default: []].append(channel)
                latest = channel
            }
            return channel
        } catch { throw .unable(error) }
    }

    /// One with room, the last used first: the fewer sockets are in use, the sooner the others are closed.
    private func sharedChannel(_ key: AresChannel.Key) -> AresChannel? {
        if let latest, latest.hasRoom, latest.key == key { return latest }
        guard let channel = shared[key]?.first(where: \.hasRoom) else { return nil }
        latest = channel
        return channel
    }

    /// What no packet can be sent for, told before one is tried.
    private func checkReachable(_ server: Endpoint, _ source: IPAddress?) throws(ProbeInterruption) {
        if let source, source.family != server.address.family {
            throw .unable(
                Inability(
                    .addressUnavailable, action: "ask \(server) from \(source)",
                    reason: "one is \(server.address.family.rawValue), the other is not",
                    fix: "give a source address of the server's family"))
        }
        if case .v6(let address) = server.address, let zone = address.zone, if_nametoindex(zone) == 0 {
            throw .unable(
                Inability(
                    .addressUnavailable, action: "ask \(server)", reason: "there is no interface \(zone)",
                    fix: "name an interface that this host has (ip link)"))
        }
    }

    /// The next power of two milliseconds beyond what is left, so that a few channels serve all time-outs.
    private static func timer(for deadline: Instant) -> Int32 {
        let left = (deadline - .now).nanoseconds / 1_000_000
        var timer: Int32 = 1024
        while Int64(timer) <= left + 256, timer < 1 << 22 { timer *= 2 }
        return timer
    }

    private func close(_ channel: AresChannel) {
        channel.close()
        channels[ObjectIdentifier(channel)] = nil
        if latest === channel { latest = nil }
        guard channel.key.transport == .udp else { return }
        shared[channel.key]?.removeAll { $0 === channel }
        if shared[channel.key]?.isEmpty == true { shared[channel.key] = nil }
    }

    /// How many sockets are open: none soon after the last answer.
    package var openSockets: Int { channels.values.reduce(0) { $0 + $1.sockets.count } }

    // MARK: Sockets

    /// Has the reactor watch what c-ares opened. After each call into c-ares.
    private func settle(_ channel: AresChannel) {
        guard channel.hasUnsettledSocket else { return }
        channel.hasUnsettledSocket = false
        for socket in channel.unwatched {
            let descriptor = socket.descriptor
            do {
                try reactor.assumeIsolated { try $0.register(descriptor) }
                socket.isWatched = true
                Task { await watch(socket, of: channel, .readable) }
            } catch let failure as SystemCallFailure {
                channel.interrupt(.unable(failure.inability(to: "watch a socket")))
            } catch {
                channel.interrupt(.cancelled)
            }
        }
        channel.unwatched = []
        for socket in channel.sockets.values where socket.wantsWrite && socket.isWatched && !socket.isWriterWaiting {
            socket.isWriterWaiting = true
            Task { await watch(socket, of: channel, .writable) }
        }
    }

    private func watch(_ socket: AresSocket, of channel: AresChannel, _ interest: Interest) async {
        while socket.isOpen, interest == .readable || socket.wantsWrite {
            do throws(ProbeInterruption) {
                try await reactor.wait(for: interest, on: socket.descriptor)
            } catch { break }
            while socket.isOpen, channel.process(socket, interest) { await Task.yield() }
            settle(channel)
        }
        if interest == .writable { socket.isWriterWaiting = false }
    }

    // MARK: Time

    /// Ticks while anybody waits: c-ares wants to be called, and deadlines are ours. Then all channels are closed.
    private func keepTime() {
        guard !isKeepingTime else { return }
        isKeepingTime = true
        Task {
            while !channels.isEmpty {
                let tick = Instant.now + Self.tick
                try? await reactor.sleep(until: min(tick, earliestDeadline ?? tick))
                expire()
                for channel in channels.values { turn(channel) }
            }
            isKeepingTime = false
        }
    }

    private static let tick = Duration.milliseconds(20)

    private func expire() {
        let now = Instant.now
        guard let earliest = earliestDeadline, earliest <= now else { return }
        earliestDeadline = channels.values.compactMap { $0.expire(at: now) }.min()
    }

    private func turn(_ channel: AresChannel) {
        if channel.waiting == 0 {
            // A TCP query's channel is closed by its asker, who may not have gone on yet.
            if channel.key.transport == .udp, !channel.lingers { close(channel) }
            channel.lingers = false
        } else {
            channel.tick()
            settle(channel)
        }
    }
}
