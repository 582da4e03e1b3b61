import Connectivity
import Manifests
import NetValues

/// The names of the ends of rows, as one format writes them: each worked out once, since a million rows name the same few thousand.
struct EndNames {
    /// Of ends outside that are remembered.
    private static let most = 4096

    private let workloads: [[UInt8]]
    private let written: (String) -> [UInt8]
    private let outside: (ConnectivityEnd) -> [String]
    private var known: [ConnectivityEnd: [[UInt8]]] = [:]

    /// - Parameters:
    ///   - title: the name of a workload.
    ///   - outside: the names of an end that is no workload: a row each.
    ///   - written: a name as it goes out.
    init(
        _ state: DeclaredState, title: (Workload) -> String = { $0.title },
        outside: @escaping (ConnectivityEnd) -> [String] = EndNames.ranges, written: @escaping (String) -> [UInt8]
    ) {
        workloads = state.workloads.map { written(title($0)) }
        self.written = written
        self.outside = outside
    }

    /// For people: with exceptions behind, and safe to print.
    init(shown state: DeclaredState, written: @escaping (String) -> String) {
        self.init(
            state, title: { $0.title.escaped(limit: 600) }, outside: { [ConnectivityText.name($0, state)] },
            written: { Array(written($0).utf8) })
    }

    mutating func parts(_ end: ConnectivityEnd) -> [[UInt8]] {
        if case .workload(let index) = end { return [workloads[index]] }
        if let found = known[end] { return found }
        let found = outside(end).map(written)
        if known.count >= Self.most { known = [:] }
        known[end] = found
        return found
    }

    /// Of an end that has one name.
    mutating func append(_ end: ConnectivityEnd, to text: inout [UInt8]) {
        if case .workload(let index) = end {
            text.append(contentsOf: workloads[index])
        } else {
            for part in parts(end) { text.append(contentsOf: part) }
        }
    }

    /// A range with exceptions is the ranges that are left, so that no reader takes an exception for allowed.
    static func ranges(_ end: ConnectivityEnd) -> [String] {
        switch end {
        case .workload: []
        case .external: ["external"]
        case .range(let range, let except): range.without(except).map(\.description)
        }
    }
}

/// The ports of rows, as one format writes them; most rows have the same as the one before.
struct PortsText {
    /// Sets of ports that are remembered.
    private static let most = 4096

    private let written: (AllowedPorts) -> [UInt8]
    private var last: (ports: AllowedPorts, text: [UInt8])?
    private var known: [AllowedPorts: [UInt8]] = [:]

    init(written: @escaping (AllowedPorts) -> [UInt8]) {
        self.written = written
    }

    mutating func append(_ ports: AllowedPorts, to text: inout [UInt8]) {
        if let last, last.ports == ports {
            text.append(contentsOf: last.text)
        } else {
            let found = known[ports] ?? written(ports)
            if known.count >= Self.most { known = [:] }
            known[ports] = found
            last = (ports, found)
            text.append(contentsOf: found)
        }
    }
}
