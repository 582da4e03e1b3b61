import NetValues
import Observations
import Wire

/// Keeps what was captured beside probes, exchange by exchange, until the check that an exchange belongs to is over and asks for
/// it. What nobody asks for, being somebody else's, goes when the room is needed.
///
/// Of what applications say to each other only the headers are kept.
package final class TrafficStore {
    package struct Limits: Sendable {
        /// Bytes of memory in all.
        package var room = 64 << 20
        /// Frames of one exchange: of a long transfer the first.
        package var framesPerExchange = 1024
        /// Frames of ARP and neighbour discovery, the last of them.
        package var neighbourFrames = 4096

        package init() {}
    }

    private struct Exchange {
        var frames: [KeptFrame] = []
        var unkept = 0
        /// Who sent its SYN.
        var opener: PacketEndpoint?
        /// Which turn in `order` is this one's.
        let turn: Int
    }

    private struct Neighbour {
        let address: PacketAddress
        /// Nil for an answer.
        let asker: PacketAddress?
        let frame: KeptFrame
    }

    private let limits: Limits
    private let dnsPorts: Set<UInt16>
    private let wholePorts: Set<UInt16>?
    private var decoder = FrameDecoder()
    private var exchanges: [TrafficKey: Exchange] = [:]
    /// The last connection that each endpoint opened, by which one is found that went elsewhere than its socket says.
    private var opened: [PacketEndpoint: TrafficKey] = [:]
    /// By age; an exchange that was asked for since is passed over.
    private var order: [(key: TrafficKey, turn: Int)] = []
    private var oldest = 0
    private var turns = 0
    private var neighbours: [Neighbour] = []
    private var nextNeighbour = 0
    package private(set) var used = 0
    /// Frames that had to go before anybody asked.
    package private(set) var lostFrames = 0
    private var lastLostTime = Int64.min
    package private(set) var frames = 0

    /// - Parameters:
    ///   - dnsPorts: at which name servers listen.
    ///   - wholePorts: of whose connections everything is captured, and of others only how they begin; nil is all.
    package init(dnsPorts: Set<UInt16>, wholePorts: Set<UInt16>? = nil, limits: Limits = Limits()) {
        self.dnsPorts = dnsPorts
        self.wholePorts = wholePorts
        self.limits = limits
    }

    package func take(_ frame: CapturedFrame, _ bytes: Span<UInt8>) {
        frames += 1
        var finder = TrafficKeyFinder(dnsPorts: dnsPorts)
        decoder.decode(frame, bytes, into: &finder)
        if let key = finder.key {
            let length = finder.isDNS ? bytes.count : HeaderLength.of(frame, bytes)
            keep(frame, bytes, length, under: key, openedBy: finder.opener)
        } else if let address = finder.neighbour {
            keep(Neighbour(address: address, asker: finder.asker, frame: KeptFrame(frame, bytes, keeping: bytes.count)))
        }
    }

    private func keep(
        _ frame: CapturedFrame, _ bytes: Span<UInt8>, _ length: Int, under key: TrafficKey,
        openedBy opener: PacketEndpoint?
    ) {
        if exchanges[key] == nil {
            turns += 1
            exchanges[key] = Exchange(turn: turns)
            order.append((key, turns))
            used += Self.exchangeSize
        }
        // One for each exchange, so that it goes with it.
        if let opener, exchanges[key]?.opener ?? opener == opener {
            exchanges[key]?.opener = opener
            opened[opener] = key
        }
        guard let count = exchanges[key]?.frames.count, count < limits.framesPerExchange else {
            exchanges[key]?.unkept += 1
            return
        }
        let kept = KeptFrame(frame, bytes, keeping: length)
        exchanges[key]?.frames.append(kept)
        used += kept.size
        makeRoom()
    }

    private static let exchangeSize = 384

    private func keep(_ neighbour: Neighbour) {
        if neighbours.count < limits.neighbourFrames {
            neighbours.append(neighbour)
        } else {
            neighbours[nextNeighbour % limits.neighbourFrames] = neighbour
            nextNeighbour += 1
        }
    }

    private func makeRoom() {
        while used > limits.room, oldest < order.count {
            let (key, turn) = order[oldest]
            oldest += 1
            guard let exchange = exchanges[key], exchange.turn == turn else { continue }
            remove(key, exchange)
            lostFrames += exchange.frames.count
            lastLostTime = max(lastLostTime, exchange.frames.last?.frame.time ?? .min)
        }
        if oldest > 4096, oldest * 2 > order.count {
            order.removeFirst(oldest)
            oldest = 0
        }
    }

    private func remove(_ key: TrafficKey, _ exchange: Exchange) {
        exchanges[key] = nil
        if let opener = exchange.opener, opened[opener] == key { opened[opener] = nil }
        used -= Self.exchangeSize + exchange.frames.reduce(0) { $0 + $1.size }
    }

    // MARK: Asking

    /// Frames that had to go, when some of them are from then or later: on a busy host there is always something older to go,
    /// which nobody misses.
    package func lostFrames(since start: WallTime) -> Int {
        lastLostTime >= start.nanoseconds ? lostFrames : 0
    }

    /// What there is of these exchanges, in the order of its capture; they are then forgotten. With it, what ARP and neighbour
    /// discovery said of these addresses.
    /// - Parameters:
    ///   - openers: of those connections that failed. One of which nothing is here under its own key was translated on this
    ///     host (DNAT, a proxy beside it): then what its endpoint opened stands for it.
    ///   - start: frames from before it belong to others who had the same ports.
    package func claim(
        _ keys: Set<TrafficKey>, openedBy openers: [PacketEndpoint: TrafficKey] = [:],
        about addresses: Set<PacketAddress>, since start: WallTime
    ) -> (frames: [KeptFrame], unkept: Int) {
        var claimed: [KeptFrame] = []
        var unkept = 0
        let translated = openers.compactMap { opener, key in exchanges[key] == nil ? opened[opener] : nil }
        let failed = Set(openers.values).union(translated)
        for key in keys.union(translated) {
            guard let exchange = exchanges[key] else { continue }
            remove(key, exchange)
            // Half a connection looks like a broken one.
            if let wholePorts, key.isTCP(besides: wholePorts), !failed.contains(key) { continue }
            unkept += exchange.unkept
            claimed += exchange.frames
        }
        claimed += talk(about: addresses, askedBy: Set(openers.keys.map(\.address)), since: start)
        claimed.removeAll { $0.frame.wallTime < start }
        claimed.sort { $0.frame.number < $1.frame.number }
        // As in the file that keeps them: a finding that quotes frame 2 means the second of these.
        return (claimed.enumerated().map { KeptFrame($1, number: $0 + 1) }, unkept)
    }

    /// Of ARP and neighbour discovery: about these addresses; and what these askers asked, which is about the next hop where
    /// that is another, with its answers.
    private func talk(
        about addresses: Set<PacketAddress>, askedBy askers: Set<PacketAddress>, since start: WallTime
    ) -> [KeptFrame] {
        let recent = neighbours.filter { $0.frame.frame.wallTime >= start }
        let asked = recent.filter { $0.asker.map(askers.contains) ?? false }.map(\.address)
        let wanted = addresses.union(asked)
        return recent.filter { wanted.contains($0.address) }.map(\.frame)
    }
}

extension CheckPackets {
    /// What the frames of a check show.
    package init(_ frames: [KeptFrame], ownAddresses: Set<PacketAddress>, drops: CaptureDrops, place: String) {
        var settings = AnalysisSettings()
        settings.mostFlows = Self.mostFlows
        settings.mostTransactions = Self.mostFlows
        settings.eventsPerFlow = 24
        settings.ownAddresses = ownAddresses
        var analyzer = PacketAnalyzer(settings)
        for kept in frames { analyzer.add(kept.frame, kept.bytes.span) }
        let summary = analyzer.summary()
        self.init(flows: summary.flows, neighbours: summary.neighbours, drops: drops, place: place)
    }

    /// A check of a thousand samples has as many flows; the largest of them are listed.
    private static let mostFlows = 64
}
