import NetValues
import ProbeKit
import ProbeTesting
import Testing

@Suite struct ManualTimeTests {
    @Test func jumpingClock_movesToTheInstantAtOnce() async throws {
        let time = ManualTime()
        let wall = time.wallTime()
        let wanted = time.now() + .seconds(3600)
        try await time.sleep(until: wanted)
        #expect(time.now() == wanted)
        #expect(time.wallTime() - wall == .seconds(3600))
    }

    @Test func clock_neverGoesBack() {
        let time = ManualTime()
        let start = time.now()
        time.advance(to: start - .seconds(1))
        #expect(time.now() == start)
    }

    @Test func sleepers_wakeOnlyWhenTheirInstantHasCome() async throws {
        let time = ManualTime(jumps: false)
        let start = time.now()
        async let early: Void = time.sleep(until: start + .seconds(1))
        async let late: Void = time.sleep(until: start + .seconds(2))
        #expect(await time.waitForSleepers(2))
        time.advance(by: .seconds(1))
        try await early
        #expect(time.sleeperCount == 1)
        time.advance(by: .seconds(1))
        try await late
        #expect(time.sleeperCount == 0)
    }

    @Test func sleeper_isWokenByCancellation() async {
        let time = ManualTime(jumps: false)
        let task = Task { () -> ProbeInterruption? in
            do throws(ProbeInterruption) {
                try await time.sleep(until: time.now() + .seconds(1))
                return nil
            } catch { return error }
        }
        #expect(await time.waitForSleepers(1))
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(time.sleeperCount == 0)
    }

    @Test func sleep_returnsAtOnce_whenTheInstantIsPast() async throws {
        let time = ManualTime(jumps: false)
        try await time.sleep(until: time.now())
        #expect(time.sleeperCount == 0)
    }
}
