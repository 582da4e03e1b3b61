import Glibc
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

    /// What came in time counts, however late this thread gets to look.
    @Test func answer_thatCameInTime_isNoTimeOut_whenTheThreadWasKeptFromLooking() async throws {
        let reactor = try Reactor()
        var pair: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        let (near, far) = (pair[0], pair[1])
        defer {
            close(near)
            close(far)
        }
        try await reactor.register(near)
        let deadline = Instant.now + .milliseconds(40)
        async let isReady = reactor.wait(for: .readable, on: near, until: deadline)
        reactor.executor.submit { _ in
            _ = Glibc.write(far, "x", 1)
            _ = poll(nil, 0, 120)
        }
        #expect(try await isReady)
        // And what did not come is one, at once.
        var byte: UInt8 = 0
        while Glibc.read(near, &byte, 1) > 0 {}
        #expect(try await !reactor.wait(for: .readable, on: near, until: deadline))
        await reactor.unregister(near)
    }
}
