import LinuxIO
import NetValues
import ProbeKit
import Testing

@Suite(.onReactor) struct ReactorTests {
    @Test func sleep_returnsAtOrAfterItsInstant() async throws {
        let reactor = try Reactor()
        let wanted = Instant.now + .milliseconds(20)
        try await reactor.sleep(until: wanted)
        #expect(Instant.now >= wanted)
    }

    @Test func sleep_throwsCancelled_whenItsTaskIsCancelled() async throws {
        let reactor = try Reactor()
        let task = Task { () -> ProbeInterruption? in
            do throws(ProbeInterruption) {
                try await reactor.sleep(until: .now + .seconds(60))
                return nil
            } catch { return error }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test func manySleeps_wakeInOrderOfTheirInstants() async throws {
        let reactor = try Reactor()
        let start = Instant.now
        // On the reactor's own thread: elsewhere the order of completion is the thread pool's.
        let order = await Task(executorPreference: reactor.executor) {
            await withTaskGroup(of: Int.self) { group in
                for index in (0..<50).reversed() {
                    group.addTask {
                        try? await reactor.sleep(until: start + .milliseconds(Int64(50 + 4 * index)))
                        return index
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }.value
        #expect(order == Array(0..<50))
    }
}
