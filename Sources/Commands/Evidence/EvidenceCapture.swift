import LinuxIO
import NetValues
import Observations
import PacketAnalysis
import PacketCapture
import Planning
import Wire

extension TrafficStore: FrameTaking {}

/// The capture that runs beside the probes of a run, on a thread of its own so that it takes none of their time, and hands each
/// check its own packets when it is over.
actor EvidenceCapture {
    private nonisolated let reactor: Reactor
    private let capture: LiveCapture
    private let store: TrafficStore
    private let ownAddresses: Set<PacketAddress>
    private let runStart: WallTime
    private var isOver = false
    /// Why it ended before the run.
    private(set) var fault: Inability?

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.executor.asUnownedSerialExecutor() }

    /// Handed over so soon that a check need not wait long for what was captured of it.
    private static let blockMilliseconds: Int32 = 4
    /// After a check that got what it asked for, until its last packets have been handed over.
    private static let shortGrace = Duration.milliseconds(15)
    /// After one that did not: an answer that comes just too late explains much.
    private static let longGrace = Duration.milliseconds(100)
    private static let batch = 512

    /// - Throws: no right to capture, as a rule.
    static func open(
        for checks: [Check], resolver: ResolverConfiguration, startedAt: WallTime
    ) throws(Inability) -> EvidenceCapture {
        let filter = EvidenceFilter(checks, resolver: resolver)
        var settings = CaptureSettings(interface: NetworkInterface.any)
        settings.filter = filter.text
        settings.blockMilliseconds = blockMilliseconds
        settings.ringSize = 16 << 20
        let capture: LiveCapture
        do throws(CaptureMistake) {
            capture = try LiveCapture(settings)
        } catch {
            switch error {
            case .unable(let inability): throw inability
            case .wrongRequest(let text):
                throw Inability(
                    .internalFault, action: "capture beside the probes", reason: text,
                    fix: "please report this with the command line")
            }
        }
        return EvidenceCapture(
            capture, TrafficStore(dnsPorts: filter.dnsPorts, wholePorts: filter.wholePorts),
            NetworkInterface.ownAddresses, startedAt: startedAt,
            reactor: try Instruments.startReactor())
    }

    private init(
        _ capture: sending LiveCapture, _ store: sending TrafficStore, _ ownAddresses: Set<PacketAddress>,
        startedAt: WallTime, reactor: Reactor
    ) {
        self.capture = capture
        self.store = store
        self.ownAddresses = ownAddresses
        self.reactor = reactor
        runStart = startedAt
    }

    // MARK: Taking

    /// Until `end()`.
    func run() async {
        do throws(SystemCallFailure) {
            try await reactor.register(capture.descriptor)
        } catch {
            fault = error.inability(to: "wait for packets")
            return
        }
        while !isOver {
            if takeBatch() == 0 {
                _ = try? await reactor.wait(
                    for: .readable, on: capture.descriptor, until: .now + .milliseconds(250))
                if Task.isCancelled { break }
            } else {
                await Task.yield()
            }
        }
        await reactor.unregister(capture.descriptor)
    }

    func end() {
        isOver = true
    }

    private func takeBatch() -> Int {
        do throws(Inability) {
            return try capture.take(upTo: Self.batch, into: store)
        } catch {
            fault = error
            isOver = true
            return 0
        }
    }

    // MARK: Handing over

    /// The packets of a check that is over; nil when it sent none.
    func packets(of record: CheckRecord) async -> (packets: CheckPackets, frames: [KeptFrame])? {
        let keys = TrafficKey.keys(of: record)
        let targets = TrafficKey.targets(of: record)
        guard !targets.isEmpty else { return nil }
        let isGood = record.ending == .measured && record.samples.allSatisfy { $0.outcome == .answered }
        // Fails at once when the run is being stopped: then what is there must do.
        try? await reactor.sleep(until: .now + (isGood ? Self.shortGrace : Self.longGrace))
        var most = 1 << 16
        while most > 0, !isOver {
            let count = takeBatch()
            if count == 0 { break }
            most -= count
        }
        let start = runStart + record.startedAt
        let (frames, unkept) = store.claim(
            keys, openedBy: TrafficKey.openers(of: record), about: targets, since: start + .milliseconds(-20))
        var drops = capture.drops()
        // Also what our own room was too small for.
        drops.kernel += store.lostFrames(since: start) + unkept
        let packets = CheckPackets(
            frames, ownAddresses: ownAddresses, drops: drops, place: NetworkInterface.any)
        return (packets, frames)
    }
}
