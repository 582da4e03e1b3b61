import Diagnosis
import JSON
import NetValues

/// What each host of a range does at which ports: hosts next to each other that do the same have one line.
struct RangeTable {
    private static let mostRows = 64

    private let range: String
    private let kind: String
    private let rows: [(hosts: String, states: [EndpointState: String])]
    private let counts: [EndpointState: Int]
    /// Of pings: how the hosts that answer differ.
    private let quality: EchoQuality?

    /// In the order in which they first come.
    static func all(of checks: [CheckReport]) -> [RangeTable] {
        var order: [String] = []
        var members: [String: [CheckReport]] = [:]
        for check in checks {
            guard let range = range(of: check) else { continue }
            let key = "\(check.kind) \(range)"
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(check)
        }
        return order.compactMap { key in members[key].map { RangeTable($0) } }
    }

    static func range(of check: CheckReport) -> String? { check.additions["range"]?.string }

    private init(_ checks: [CheckReport]) {
        range = checks.first.flatMap(Self.range) ?? ""
        kind = checks.first?.kind ?? ""
        var counts: [EndpointState: Int] = [:]
        var hosts: [Host: [EndpointState: Set<UInt16>]] = [:]
        for check in checks {
            guard let state = check.additions["state"]?.string.flatMap(EndpointState.init) else { continue }
            let pair = HostPort(check.target)
            guard let host = pair?.host ?? Host(check.target) else { continue }
            counts[state, default: 0] += 1
            hosts[host, default: [:]][state, default: []].formUnion(pair.map { [$0.port] } ?? [])
        }
        self.counts = counts
        quality = kind == "icmp" ? EchoQuality(checks) : nil
        let lines = hosts.map { host, states in (host: host, value: states.mapValues(CompactEndpoints.ports)) }
        rows = CompactEndpoints.grouped(lines).map { ($0.hosts, $0.value) }
    }

    func write(to page: inout TextPage) {
        let states = EndpointState.allCases.filter { counts[$0] != nil }
        let totals = states.map { "\(grouped(counts[$0] ?? 0)) \(words($0))" }.joined(separator: ", ")
        page.blank()
        page.paragraph("\(kind) \(range): \(totals)", .bold)
        for line in quality?.lines ?? [] { page.paragraph(line, indent: 2, hang: 4) }
        let columns =
            [TextTable.Column("host", least: 8)] + states.map { TextTable.Column(words($0), least: 4) }
        let shown = listedRows
        let cells = shown.prefix(Self.mostRows).map { hosts, ports in
            [TextPage.Run(hosts)]
                + states.map { TextPage.Run(mark(ports[$0]), $0 == .open ? .good : .plain) }
        }
        TextTable(columns, rows: Array(cells)).write(to: &page)
        if shown.count < rows.count { page.paragraph("… all others answer", .dim, indent: 2) }
        if shown.count > Self.mostRows {
            page.paragraph("… \(counted(shown.count - Self.mostRows, "more host")) (--format json lists all)", .dim)
        }
    }

    /// Of many that were pinged, those that do not answer: the others are counted.
    private var listedRows: [(hosts: String, states: [EndpointState: String])] {
        guard kind == "icmp", rows.count > Self.fewRows else { return rows }
        return rows.filter { $0.states.keys.contains { $0 != .open } }
    }

    private static let fewRows = 16

    /// An echo opens nothing.
    private func words(_ state: EndpointState) -> String { state == .open && kind == "icmp" ? "answers" : state.words }

    /// Ports, or a mark where there are none.
    private func mark(_ ports: String?) -> String { ports.map { $0.isEmpty ? "yes" : $0 } ?? "" }
}

extension EndpointState {
    fileprivate var words: String {
        switch self {
        case .open: "open"
        case .closed: "closed"
        case .silent: "no answer"
        case .rejected: "rejected"
        case .unreachable: "unreachable"
        case .unmeasured: "not measured"
        }
    }
}
