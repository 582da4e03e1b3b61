import NetValues
import ProbeKit

/// Attempts side by side. The round is over when all have ended, or when it has been quiet for so long that nothing more is to
/// be expected: the rest is silent.
struct SoundingRound: Sendable {
    let reactor: Reactor
    /// For the first answer.
    let patience: Duration
    let deadline: Instant

    private static let shortestQuiet = Duration.milliseconds(50)

    private enum Turn<Value: Sendable>: Sendable {
        case ended(Int, Value?)
        /// This instant has come.
        case reached(Instant)
        case unable(ProbeInterruption)
    }

    /// What each number's attempt brought; those that brought nothing are not in it.
    func run<Value: Sendable>(
        _ numbers: [Int], attempt: @escaping @Sendable (Int, Instant) async throws(ProbeInterruption) -> Value?
    ) async throws(ProbeInterruption) -> [Int: Value] {
        let (found, trouble) = await withTaskGroup(of: Turn<Value>.self) { group in
            let start = Instant.now
            var end = min(deadline, start + patience)
            var slowest = Duration.zero
            watch(&group, until: end)
            for number in numbers { begin(&group, number, attempt) }
            var open = numbers.count
            var found: [Int: Value] = [:]
            var trouble: ProbeInterruption?
            for await turn in group {
                switch turn {
                case .ended(let number, let value):
                    open -= 1
                    found[number] = value
                    if open == 0 { group.cancelAll() }
                    guard value != nil, open > 0 else { continue }
                    // Answers of the same round do not differ by more than some round trips.
                    slowest = max(slowest, Instant.now - start)
                    end = min(deadline, .now + max(Self.shortestQuiet, slowest * 2))
                    watch(&group, until: end)
                case .reached(let instant): if instant >= end { group.cancelAll() }
                case .unable(let interruption):
                    trouble = interruption
                    group.cancelAll()
                }
            }
            return (found, trouble)
        }
        if let trouble { throw trouble }
        if Task.isCancelled { throw .cancelled }
        return found
    }

    private func begin<Value: Sendable>(
        _ group: inout TaskGroup<Turn<Value>>, _ number: Int,
        _ attempt: @escaping @Sendable (Int, Instant) async throws(ProbeInterruption) -> Value?
    ) {
        let last = deadline
        group.addTask {
            do throws(ProbeInterruption) {
                return .ended(number, try await attempt(number, last))
            } catch {
                return error == .cancelled ? .ended(number, nil) : .unable(error)
            }
        }
    }

    private func watch<Value: Sendable>(_ group: inout TaskGroup<Turn<Value>>, until instant: Instant) {
        let reactor = reactor
        group.addTask {
            do throws(ProbeInterruption) {
                try await reactor.sleep(until: instant)
            } catch {
                // The round is over.
            }
            return .reached(instant)
        }
    }
}
