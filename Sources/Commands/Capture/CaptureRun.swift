import CaptureFiles
import LinuxIO
import NetValues
import Observations
import PacketCapture

/// Takes frames until something ends it. Pinned to the reactor: waiting, taking and drawing are on one thread.
actor CaptureRun {
    /// Why it ended.
    enum Ending: Sendable {
        case spanOver
        case countReached
        /// A signal, or the reader of the file went away.
        case stopped
        /// The file could not be written to.
        case unwritable(CaptureFileProblem)
        /// The interface is gone.
        case broken(Inability)
    }

    private nonisolated let reactor: Reactor
    private let capture: LiveCapture
    private let tally: CaptureTally
    private let limits: CaptureLimits
    private var display: LiveDisplay
    private var outage = InterfaceOutage()

    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.executor.asUnownedSerialExecutor() }

    /// Frames that are taken before the reactor's other work has its turn.
    private static let batch = 2048
    /// Between looks at counters, interface and display.
    private static let tick = Duration.seconds(1)

    init(
        _ capture: sending LiveCapture, _ tally: sending CaptureTally, _ limits: CaptureLimits,
        _ display: LiveDisplay, reactor: Reactor
    ) {
        self.capture = capture
        self.tally = tally
        self.limits = limits
        self.display = display
        self.reactor = reactor
    }

    func run() async -> Ending {
        do throws(SystemCallFailure) {
            try await reactor.register(capture.descriptor)
        } catch {
            return .broken(error.inability(to: "wait for frames"))
        }
        let ending = await takeUntilEnd()
        if case .broken = ending {} else { await drain() }
        await reactor.unregister(capture.descriptor)
        display.clear()
        tally.close()
        if let problem = tally.problem { return .unwritable(problem) }
        return ending
    }

    /// All that was seen, with what was lost.
    func summary() -> PacketSummary {
        var summary = tally.summary()
        summary.interface = capture.interface
        summary.filter = capture.filter.isEmpty ? nil : capture.filter
        summary.drops = capture.drops()
        outage.end(at: .now)
        summary.problems += outage.words(capture.interface)
        return summary
    }

    // MARK: Taking

    private func takeUntilEnd() async -> Ending {
        let start = Instant.now
        let deadline = limits.span.map { start + $0 }
        var nextTick = start + Self.tick
        while true {
            if Task.isCancelled { return .stopped }
            let now = Instant.now
            if let deadline, now >= deadline { return .spanOver }
            if now >= nextTick { nextTick = look(since: start) }
            do throws(Inability) {
                let count = try capture.take(upTo: room, into: tally)
                if let problem = tally.problem { return .unwritable(problem) }
                if room <= 0 { return .countReached }
                if count == 0 {
                    _ = try? await reactor.wait(
                        for: .readable, on: capture.descriptor, until: min(deadline ?? nextTick, nextTick))
                } else {
                    await Task.yield()
                }
            } catch {
                return .broken(error)
            }
        }
    }

    private var room: Int { min(Self.batch, (limits.packets ?? .max) - tally.packets) }

    /// What had come by now and stands in the ring, or in a block that the kernel has not yet handed over.
    private func drain() async {
        tally.takeOnly(until: .now)
        let patience = Instant.now + limits.blockDelay
        while !tally.isPastEnd, room > 0, tally.problem == nil {
            guard let count = try? capture.take(upTo: room, into: tally) else { return }
            if count > 0 { continue }
            if Instant.now >= patience { return }
            // Not as the task that a signal has cancelled: it would not wait.
            let reactor = reactor
            _ = await Task { try? await reactor.sleep(until: min(patience, .now + .milliseconds(20))) }.value
        }
    }

    private func look(since start: Instant) -> Instant {
        let now = Instant.now
        outage.note(isUp: capture.isInterfaceUp, at: now)
        tally.flush()
        guard display.isShown else { return now + Self.tick }
        var summary = tally.summary()
        summary.drops = capture.drops()
        display.draw(summary, elapsed: now - start, isUp: !outage.isDown)
        // A display of a great many flows must not take the time that the frames need.
        return max(now + Self.tick, .now + (Instant.now - now) * 10)
    }
}

/// What ends a capture by itself.
struct CaptureLimits: Sendable {
    var span: Duration?
    var packets: Int?
    /// How long the kernel may keep a frame before it hands it over.
    var blockDelay = Duration.zero
}

/// The times in which the interface was down, when nothing could be captured.
struct InterfaceOutage {
    private var since: Instant?
    private var times = 0
    private var total = Duration.zero

    var isDown: Bool { since != nil }

    mutating func note(isUp: Bool, at now: Instant) {
        if isUp { return end(at: now) }
        if since == nil {
            since = now
            times += 1
        }
    }

    mutating func end(at now: Instant) {
        if let since { total += now - since }
        since = nil
    }

    func words(_ interface: String) -> [String] {
        guard times > 0 else { return [] }
        let often = times == 1 ? "once" : "\(times) times"
        return [
            "\(interface.escaped(limit: 40)) was down \(often) while it was captured on, for \(total.spoken) in all: nothing was seen then"
        ]
    }
}
