import LinuxIO
import NetValues
import Testing

/// The rate of datagrams after a stall of the sender.
@Suite struct DatagramPacingTests {
    private static let start = Instant.now

    /// Datagrams of 1000 bytes at 8 Mbit/s, one each millisecond, looked at each 200 µs but for one pause.
    /// - Returns: how many were sent in each 100 ms.
    private func run(pause: ClosedRange<Int>?) -> [Int] {
        var pacing = DatagramPacing(rate: 8_000_000, length: 1000, from: Self.start)
        var sent = Array(repeating: 0, count: 30)
        for step in 0..<15_000 where pause?.contains(step / 5) != true {
            let now = Self.start + .microseconds(200 * step)
            let count = pacing.allowance(at: now, most: 44)
            pacing.note(sent: count)
            sent[step / 500] += count
        }
        return sent
    }

    @Test func withoutAStall_eachIsInItsTurn() {
        #expect(run(pause: nil).allSatisfy { $0 == 100 })
    }

    @Test func aStall_isMadeUpFor_aLittleFasterThanTheRate() {
        let sent = run(pause: 500...599)
        #expect(sent[5] == 0 && sent.reduce(0, +) == 3000)
        #expect(sent.allSatisfy { $0 <= 113 }, "\(sent)")
    }

    @Test func aLongStall_isNot() {
        let sent = run(pause: 500...1499).reduce(0, +)
        // Of a second at most 250 ms, of which a tenth of the rest of the time makes up for 150.
        #expect((2140...2160).contains(sent), "\(sent)")
    }
}
