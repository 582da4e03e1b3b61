import JSON
import NetValues
import Observations

/// A table as comma-separated values (RFC 4180): a header line, then a line for each row, ended by CR and LF. Columns are named
/// as in the JSON document, with a point between object and member; a list in a cell is separated by blanks.
enum CSVTable {
    static func write<Failure: Error>(
        _ summary: PacketSummary, _ rendering: PacketRendering, to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        let table = rendering.tables.first ?? .flows
        let columns = table.columns
        let paths = columns.map { $0.split(separator: ".").map(String.init) }
        var text: [UInt8] = []
        CSVLine.append(columns, to: &text)
        for kind in table.rows(of: summary) {
            for index in 0..<min(kind.count, rendering.top ?? .max) {
                let row = kind.row(index)
                CSVLine.append(paths.map { $0 == ["row"] ? kind.type : cell(row, $0[...]) }, to: &text)
                if text.count >= PacketReport.blockSize {
                    try write(text)
                    text.removeAll(keepingCapacity: true)
                }
            }
        }
        try write(text)
    }

    private static func cell(_ value: JSONValue, _ path: ArraySlice<String>) -> String {
        if let key = path.first, case .object(let object) = value {
            return object[key].map { cell($0, path.dropFirst()) } ?? ""
        }
        switch value {
        case .array(let elements): return CSVLine.text(elements.map { plain($0, path) }.joined(separator: " "))
        case .string(let text): return CSVLine.text(text)
        case .null, .bool, .int, .double, .object: return path.isEmpty ? plain(value, path) : ""
        }
    }

    private static func plain(_ value: JSONValue, _ path: ArraySlice<String>) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .object(let object): path.first.flatMap { object[$0] }.map { plain($0, path.dropFirst()) } ?? ""
        case .int(let number): String(number)
        case .bool, .double, .array: JSONWriter.text(value, layout: .compact)
        }
    }
}

extension PacketTable {
    fileprivate var columns: [String] {
        switch self {
        case .flows: Self.flowColumns
        case .dns:
            [
                "frame", "at", "client", "server", "transport", "id", "name", "type", "rcode", "latencyMs", "repeats",
                "truncated", "answers",
            ]
        case .tls:
            [
                "frame", "at", "client", "server", "quic", "serverName", "offeredVersions", "version", "offeredAlpn",
                "alpn", "cipher", "latencyMs", "alerts", "certificate.subject", "certificate.issuer",
                "certificate.notBefore", "certificate.notAfter", "certificate.names",
            ]
        case .http:
            [
                "frame", "at", "client", "server", "method", "host", "path", "status", "latencyMs", "credentials",
            ]
        case .icmp:
            [
                "row", "frame", "at", "sender", "name", "type", "code", "mtu", "hopLimit", "protocol", "source",
                "destination",
                "identifier", "requests", "replies", "duplicates", "late",
            ]
        case .arp:
            [
                "row", "address", "vlan", "owners.link", "owners.claims", "gratuitous", "changes", "probesAnswered",
                "asker", "requests", "firstAt",
            ]
        }
    }

    private static let flowColumns =
        [
            "protocol", "a", "b", "packetsAtoB", "packetsBtoA", "bytesAtoB", "bytesBtoA", "firstAt", "lastAt",
            "durationMs", "initialRttMs", "application", "name", "tunnel.kind", "tunnel.identifier", "vlan",
            "payloadBytesAtoB", "payloadBytesBtoA", "duplicatesAtoB", "duplicatesBtoA", "tcp.state",
            "tcp.synWithoutAnswer", "tcp.resets",
        ] + TCPJSON.counters(TCPCounters()).map { "tcp.\($0.0)" } + [
            "tcp.responseMs", "tcp.longestIdleMs", "tcp.aToB.uniqueBytes", "tcp.bToA.uniqueBytes",
            "tcp.aToB.largestInFlight", "tcp.bToA.largestInFlight",
        ]
}
