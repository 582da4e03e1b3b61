import Manifests

/// Ports that may be reached: every port of every protocol, or ranges of each.
package struct AllowedPorts: Hashable, Sendable {
    package typealias Ports = ClosedRange<UInt16>

    /// Every port, and what has no ports: `ports` is missing in a rule, or nothing isolates.
    package static let all = AllowedPorts(isEverything: true)
    package static let none = AllowedPorts(isEverything: false)
    package static let everyNumber: Ports = 1...UInt16.max

    package let isEverything: Bool
    private var tcp: [Ports] = []
    private var udp: [Ports] = []
    private var sctp: [Ports] = []

    private init(isEverything: Bool) {
        self.isEverything = isEverything
    }

    package init(_ transport: PortTransport, _ ports: Ports) {
        self.init(isEverything: false)
        self[transport] = [ports]
    }

    /// Ascending, apart from each other; nothing where it is everything.
    package private(set) subscript(transport: PortTransport) -> [Ports] {
        get {
            switch transport {
            case .tcp: tcp
            case .udp: udp
            case .sctp: sctp
            }
        }
        set {
            switch transport {
            case .tcp: tcp = newValue
            case .udp: udp = newValue
            case .sctp: sctp = newValue
            }
        }
    }

    /// All ranges, TCP first; of everything all that have numbers.
    package var ranges: [(transport: PortTransport, ports: Ports)] {
        PortTransport.allCases.flatMap { transport in numbers(transport).map { (transport, $0) } }
    }

    private func numbers(_ transport: PortTransport) -> [Ports] {
        isEverything ? [Self.everyNumber] : self[transport]
    }

    package var isEmpty: Bool { !isEverything && tcp.isEmpty && udp.isEmpty && sctp.isEmpty }

    package func contains(_ transport: PortTransport, _ port: UInt16) -> Bool {
        isEverything || self[transport].contains { $0.contains(port) }
    }

    package func union(_ other: AllowedPorts) -> AllowedPorts {
        if isEverything || other.isEverything { return .all }
        if other.isEmpty { return self }
        if isEmpty { return other }
        var result = self
        for transport in PortTransport.allCases where !other[transport].isEmpty {
            result[transport] = Self.joined(self[transport] + other[transport])
        }
        return result
    }

    package func intersection(_ other: AllowedPorts) -> AllowedPorts {
        if isEverything { return other }
        if other.isEverything { return self }
        var result = AllowedPorts.none
        for transport in PortTransport.allCases {
            result[transport] = self[transport].flatMap { mine in
                other[transport].filter(mine.overlaps).map { $0.clamped(to: mine) }
            }
        }
        return result
    }

    /// What is in this and not in the other; of everything, with a part taken away, what has numbers.
    package func subtracting(_ other: AllowedPorts) -> AllowedPorts {
        if other.isEverything { return .none }
        if other.isEmpty { return self }
        var result = AllowedPorts.none
        for transport in PortTransport.allCases {
            result[transport] = other[transport].reduce(numbers(transport)) { left, hole in
                left.flatMap { Self.cut($0, hole) }
            }
        }
        return result
    }

    private static func cut(_ ports: Ports, _ hole: Ports) -> [Ports] {
        guard ports.overlaps(hole) else { return [ports] }
        var parts: [Ports] = []
        if ports.lowerBound < hole.lowerBound { parts.append(ports.lowerBound...(hole.lowerBound - 1)) }
        if ports.upperBound > hole.upperBound { parts.append((hole.upperBound + 1)...ports.upperBound) }
        return parts
    }

    private static func joined(_ ranges: [Ports]) -> [Ports] {
        var result: [Ports] = []
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            // Neighbours are one range; the sum is wide enough for the last port.
            if let last = result.last, UInt32(range.lowerBound) <= UInt32(last.upperBound) + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

extension AllowedPorts: CustomStringConvertible {
    /// "TCP/80, UDP/53-60"; "all ports"; "TCP/all".
    package var description: String {
        if isEverything { return "all ports" }
        if isEmpty { return "no port" }
        return ranges.map { transport, ports in
            if ports == Self.everyNumber { return "\(transport.rawValue)/all" }
            return ports.count == 1
                ? "\(transport.rawValue)/\(ports.lowerBound)"
                : "\(transport.rawValue)/\(ports.lowerBound)-\(ports.upperBound)"
        }.joined(separator: ", ")
    }
}
