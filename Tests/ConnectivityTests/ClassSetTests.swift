import Testing

@testable import Connectivity

/// Held against a plain set over many random steps.
@Suite struct ClassSetTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func agreesWithAPlainSet(seed: UInt64) {
        var dice = Dice(state: seed)
        let bound = 400
        var sets = [ClassSet(), ClassSet()]
        var plain = [Set<Int>(), Set<Int>()]
        for _ in 0..<60 {
            let at = Int.random(in: 0...1, using: &dice)
            let first = Int.random(in: 0..<bound, using: &dice)
            let range = first..<min(bound, first + Int.random(in: 0...90, using: &dice))
            switch Int.random(in: 0...4, using: &dice) {
            case 0:
                sets[at].insert(first)
                plain[at].insert(first)
            case 1:
                sets[at].formUnion(ClassSet(range))
                plain[at].formUnion(range)
            case 2:
                sets[at].formUnion(sets[1 - at])
                plain[at].formUnion(plain[1 - at])
            case 3:
                sets[at].formIntersection(sets[1 - at])
                plain[at].formIntersection(plain[1 - at])
            default:
                sets[at].subtract(sets[1 - at])
                plain[at].subtract(plain[1 - at])
            }
            var numbers: [Int] = []
            sets[at].forEach { numbers.append($0) }
            #expect(numbers == plain[at].sorted())
            #expect(sets[at].contains(first) == plain[at].contains(first))
        }
    }
}
