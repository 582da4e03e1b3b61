import NetValues
import Testing

@Suite struct RangeWithoutTests {
    private static let cases: [(String, [String], [String])] = [
        ("10.0.0.0/8", [], ["10.0.0.0/8"]),
        ("10.0.0.0/8", ["192.168.0.0/16"], ["10.0.0.0/8"]),
        ("10.0.0.0/30", ["10.0.0.1/32"], ["10.0.0.0/32", "10.0.0.2/31"]),
        ("10.0.0.0/8", ["10.0.0.0/9", "10.128.0.0/10"], ["10.192.0.0/10"]),
        ("10.0.0.0/8", ["10.0.0.0/8"], []),
        ("10.1.0.0/16", ["10.0.0.0/8"], []),
        ("fd00::/126", ["fd00::3/128"], ["fd00::/127", "fd00::2/128"]),
        ("10.0.0.7/32", ["10.0.0.7/32"], []),
    ]

    @Test(arguments: cases)
    func what_isLeft(range: String, holes: [String], left: [String]) throws {
        let whole = try #require(AddressRange(range))
        let rest = whole.without(holes.compactMap { AddressRange($0) })
        #expect(rest == left.compactMap { AddressRange($0) })
    }

    @Test func theWorldWithoutOneAddress_isThirtyTwoRanges() throws {
        let world = try #require(AddressRange("0.0.0.0/0"))
        let hole = try #require(AddressRange("198.18.0.1"))
        let rest = world.without([hole])
        #expect(rest.count == 32 && !rest.contains { $0.overlaps(hole) })
    }
}
