import JSON
import NetValues
import Observations
import Wire

/// Pieces of the documents about packets. Lists may hold a hundred thousand flows of sixty members each, so that objects are
/// built without a search for equal keys.
enum PacketJSON {
    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        .object(JSONObject(distinct: members.map { JSONObject.Member($0, $1) }))
    }

    static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    static func span(_ span: Duration?) -> JSONValue { span.map { .milliseconds($0) } ?? .null }

    static func count(_ count: (some BinaryInteger)?) -> JSONValue {
        count.map { .int(Int(clamping: $0)) } ?? .null
    }

    static func time(_ time: WallTime?) -> JSONValue { text(time?.preciseRFC3339) }

    /// Sorted by key, so that equal captures give equal documents.
    static func counts(_ counts: [String: Int]) -> JSONValue {
        object(counts.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
    }

    /// Null where nothing was measured.
    static func spread(_ spread: LatencySpread?) -> JSONValue {
        guard let spread else { return .null }
        return object([
            ("count", .int(spread.count)), ("min", .milliseconds(spread.min)), ("p50", .milliseconds(spread.p50)),
            ("p95", .milliseconds(spread.p95)), ("max", .milliseconds(spread.max)),
        ])
    }

    /// The least and the most of a TTL or hop limit.
    static func range(_ range: ClosedRange<UInt8>?) -> JSONValue {
        range.map { [.int(Int($0.lowerBound)), .int(Int($0.upperBound))] } ?? .null
    }

    static func tunnel(_ tunnel: Tunnel?) -> JSONValue {
        tunnel.map { object([("kind", .string($0.kind.rawValue)), ("identifier", count($0.identifier))]) } ?? .null
    }
}

/// The members of a row of which there may be a hundred thousand: added one by one, in the room of one list.
struct RowMembers {
    private(set) var all: [JSONObject.Member] = []

    init(capacity: Int) {
        all.reserveCapacity(capacity)
    }

    var json: JSONValue { .object(JSONObject(distinct: all)) }

    mutating func add(_ key: String, _ value: JSONValue) { all.append(JSONObject.Member(key, value)) }

    /// Leaves out what is unknown.
    mutating func add(known key: String, _ value: JSONValue?) {
        if let value { add(key, value) }
    }

    /// Leaves out zero.
    mutating func add(counted key: String, _ count: some BinaryInteger) {
        if count != 0 { add(key, .int(Int(clamping: count))) }
    }
}

extension Sequence {
    /// The first `top`, or all.
    func first(_ top: Int?) -> [Element] { top.map { Array(prefix($0)) } ?? Array(self) }
}
