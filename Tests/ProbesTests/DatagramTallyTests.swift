import NetValues
import ProbeKit
import Testing
import Wire

/// Lost, late and doubled datagrams by their numbers.
@Suite struct DatagramTallyTests {
    private func tally(_ numbers: [UInt64]) -> DatagramTally {
        var tally = DatagramTally()
        for number in numbers { tally.add(IperfDatagram(sentAt: 0, number: number), receivedAt: 0) }
        return tally
    }

    @Test func aGap_isLoss_andNothingIsLate() {
        let tally = tally([1, 2, 5, 6])
        #expect(tally.lost == 2 && tally.late == 0 && tally.copies == 0 && tally.received == 4 && tally.expected == 6)
    }

    @Test func whatComesBehind_isLate_andNotLost() {
        let tally = tally([1, 3, 4, 2, 5])
        #expect(tally.lost == 0 && tally.late == 1 && tally.copies == 0)
    }

    @Test func whatComesAgain_isACopy_andFillsNoGap() {
        let tally = tally([1, 2, 2, 4, 4, 1, 3, 3])
        #expect(tally.lost == 0 && tally.late == 1 && tally.copies == 4 && tally.received == 4)
        #expect(self.tally([1, 2, 2, 5, 5]).lost == 2)
    }

    @Test func numbersFarApart_areBounded() {
        let tally = tally([1, .max, 2, 1, .max, 0])
        #expect(tally.received + tally.copies == 6 && tally.copies == 1 && tally.late == 3)
        // The places of the first come again after 65,536.
        let far = self.tally(Array(1...70_000) + [69_999, 4_464, 1])
        #expect(far.copies == 3 && far.late == 0 && far.lost == 0)
    }
}
