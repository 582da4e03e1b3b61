import Foundation
import Synchronization

/// How many labs are up at a time: they mostly wait, but two cores are few. What counts against the clock runs alone, and after
/// all that does not.
final class LabGate: Sendable {
    static let shared = LabGate(width: 2 * ProcessInfo.processInfo.activeProcessorCount)

    private struct State {
        var running = 0
        var isAlone = false
        var together: [CheckedContinuation<Void, Never>] = []
        var alone: [CheckedContinuation<Void, Never>] = []
    }

    private let width: Int
    private let state = Mutex(State())

    init(width: Int) { self.width = width }

    func pass<Result>(alone isAlone: Bool = false, _ body: () async throws -> Result) async rethrows -> Result {
        await withCheckedContinuation { turn in
            state.withLock { if isAlone { $0.alone.append(turn) } else { $0.together.append(turn) } }
            admit()
        }
        defer {
            state.withLock {
                $0.running -= 1
                $0.isAlone = false
            }
            admit()
        }
        return try await body()
    }

    private func admit() {
        let admitted = state.withLock { state in
            var admitted: [CheckedContinuation<Void, Never>] = []
            while !state.isAlone, state.running < width, !state.together.isEmpty {
                admitted.append(state.together.removeFirst())
                state.running += 1
            }
            if state.running == 0, state.together.isEmpty, !state.alone.isEmpty {
                admitted.append(state.alone.removeFirst())
                (state.running, state.isAlone) = (1, true)
            }
            return admitted
        }
        for turn in admitted { turn.resume() }
    }
}
