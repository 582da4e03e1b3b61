import NetValues

/// The two halves of a range as written: hosts and ports.
struct RangeText {
    private let hostText: Substring
    private let portText: Substring?

    /// Nil where there is no port although the form has one.
    init?(_ text: String, hasPorts: Bool) {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            hostText = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard hasPorts ? rest.hasPrefix(":") : rest.isEmpty else { return nil }
            portText = hasPorts ? rest.dropFirst() : nil
        } else if hasPorts {
            guard let colon = text.lastIndex(of: ":"), !text[..<colon].contains(":") else { return nil }
            hostText = text[..<colon]
            portText = text[text.index(after: colon)...]
        } else {
            hostText = text[...]
            portText = nil
        }
    }

    /// Whether a range is meant, be it right or wrong.
    var isRange: Bool {
        if let portText, portText.contains(where: { $0 == "," || $0 == "-" }) { return true }
        return isPrefix || ends != nil
    }

    private var isPrefix: Bool {
        guard let slash = hostText.firstIndex(of: "/") else { return false }
        return IPAddress(hostText[..<slash]) != nil
    }

    /// The two ends of `ADDRESS-ADDRESS`, the second as written.
    private var ends: (first: IPAddress, last: Substring)? {
        guard let dash = hostText.firstIndex(of: "-"), let first = IPAddress(hostText[..<dash]) else { return nil }
        return (first, hostText[hostText.index(after: dash)...])
    }

    func hosts() throws(PlanProblem) -> TargetRange.Hosts {
        if isPrefix { return .addresses(AddressSpan(hostsOf: try prefix())) }
        if let ends { return .addresses(try span(ends)) }
        guard let host = Host(String(hostText)) else {
            throw PlanProblem("`\(hostText.escaped(limit: 60))` is no host name, address or range of addresses")
        }
        return .host(host)
    }

    private func prefix() throws(PlanProblem) -> AddressRange {
        if let range = AddressRange(hostText) { return range }
        let shown = "`\(hostText.escaped(limit: 60))`"
        let parts = hostText.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]), let length = UInt16(decimal: parts[1]),
            Int(length) <= address.bytes.count * 8
        else { throw PlanProblem("\(shown) has no prefix length of its family: 0 to 32 for IPv4, 0 to 128 for IPv6") }
        let size = UInt128(address.bytes.count * 8) - UInt128(length)
        let base = size >= 128 ? 0 : (address.number >> size) << size
        throw PlanProblem(
            "\(shown): bits behind the prefix are set: did you mean `\(IPAddress(number: base, address.family))/\(length)`?"
        )
    }

    /// The second end may be the last number of an IPv4 address alone: `198.18.0.1-9`.
    private func span(_ ends: (first: IPAddress, last: Substring)) throws(PlanProblem) -> AddressSpan {
        var last = IPAddress(ends.last)
        if last == nil, case .v4(let first) = ends.first, let number = UInt16(decimal: ends.last), number <= 255 {
            last = .v4(IPv4Address(bits: first.bits & 0xffff_ff00 | UInt32(number)))
        }
        guard let last, let span = AddressSpan(ends.first, last) else {
            throw PlanProblem(
                "`\(hostText.escaped(limit: 80))`: expected FIRST-LAST, two addresses of one family, the lower one first"
            )
        }
        return span
    }

    func portRanges() throws(PlanProblem) -> [ClosedRange<UInt16>]? {
        guard let portText else { return nil }
        var ranges: [ClosedRange<UInt16>] = []
        for item in portText.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let low = UInt16(decimal: parts[0]), let high = UInt16(decimal: parts[parts.count - 1]), low > 0,
                low <= high
            else {
                throw PlanProblem(
                    "`\(item.escaped(limit: 40))` is no port: expected ports from 1 to 65535, as 22,80 or 8000-8010")
            }
            ranges.append(low...high)
        }
        return Self.merged(ranges)
    }

    private static func merged(_ ranges: [ClosedRange<UInt16>]) -> [ClosedRange<UInt16>] {
        var merged: [ClosedRange<UInt16>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
