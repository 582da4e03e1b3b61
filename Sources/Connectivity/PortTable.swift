/// Sets of ports by number, each kept once; what was joined or cut before is remembered.
struct PortTable {
    static let all = 0
    static let none = 1
    /// Of remembered results.
    private static let most = 1 << 18

    private struct Pair: Hashable {
        let first: Int
        let second: Int

        init(_ one: Int, _ other: Int) {
            first = min(one, other)
            second = max(one, other)
        }
    }

    private var sets: [AllowedPorts] = [.all, .none]
    private var numbers: [AllowedPorts: Int] = [.all: all, .none: none]
    private var unions: [Pair: Int] = [:]
    private var intersections: [Pair: Int] = [:]

    subscript(number: Int) -> AllowedPorts { sets[number] }

    mutating func number(of ports: AllowedPorts) -> Int {
        if let known = numbers[ports] { return known }
        numbers[ports] = sets.count
        sets.append(ports)
        return sets.count - 1
    }

    mutating func union(_ one: Int, _ other: Int) -> Int {
        if one == other || other == Self.none || one == Self.all { return one }
        if one == Self.none || other == Self.all { return other }
        let pair = Pair(one, other)
        if let known = unions[pair] { return known }
        let found = number(of: sets[one].union(sets[other]))
        if unions.count >= Self.most { unions = [:] }
        unions[pair] = found
        return found
    }

    mutating func intersection(_ one: Int, _ other: Int) -> Int {
        if one == other || other == Self.all || one == Self.none { return one }
        if one == Self.all || other == Self.none { return other }
        let pair = Pair(one, other)
        if let known = intersections[pair] { return known }
        let found = number(of: sets[one].intersection(sets[other]))
        if intersections.count >= Self.most { intersections = [:] }
        intersections[pair] = found
        return found
    }
}
