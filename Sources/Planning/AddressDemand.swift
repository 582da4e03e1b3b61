import NetValues

/// `within` under `expect`: ranges that every address of the target must lie in, or `private`: none of the internet's.
package enum AddressDemand: Hashable, Sendable {
    case ranges([AddressRange])
    case privateOnly

    /// The word that stands for all addresses which the internet does not route.
    package static let privateWord = "private"
    package static let syntax = "CIDR ranges such as 10.0.0.0/8, or the word private"

    /// - Throws: the item that is no range.
    package init(_ items: [String]) throws(PlanProblem) {
        if items == [Self.privateWord] {
            self = .privateOnly
            return
        }
        guard !items.isEmpty else { throw PlanProblem("expected \(Self.syntax)") }
        var ranges: [AddressRange] = []
        for item in items {
            guard let range = AddressRange(item) else { throw PlanProblem(Self.mistake(item)) }
            ranges.append(range)
        }
        self = .ranges(ranges)
    }

    private static func mistake(_ item: String) -> String {
        let shown = "`\(item.escaped(limit: 60))`"
        if item == privateWord { return "\(shown) stands alone: write `within: private`" }
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, IPAddress(String(parts[0])) != nil, UInt16(decimal: parts[1]) != nil {
            return "\(shown) is no range: bits behind the prefix are set, or the prefix is longer than the address"
        }
        return "expected \(syntax), found \(shown)"
    }

    package func admits(_ address: IPAddress) -> Bool {
        switch self {
        case .ranges(let ranges): ranges.contains { $0.contains(address) }
        case .privateOnly: !address.isOfInternet
        }
    }

    /// "10.0.0.0/8 or fd00::/8", "private addresses"
    package var words: String {
        switch self {
        case .ranges(let ranges): ranges.map(\.description).joined(separator: " or ")
        case .privateOnly: "private addresses"
        }
    }
}
