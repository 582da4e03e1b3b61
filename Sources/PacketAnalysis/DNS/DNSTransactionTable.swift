import NetValues
import Observations
import Wire

/// Questions and their answers in the order of their asking: the last ones as they stand, those before as they ended. Bounded in
/// number, in time of the capture and in the size of their names.
struct DNSTransactionTable {
    /// tshark's conversation and id; names are not compared.
    struct Key: Hashable {
        let flow: Int
        let id: UInt16
    }

    struct Entry {
        let key: Key
        let frame: Int
        /// Nanoseconds since 1970.
        let time: Int64
        /// Of the question as it was seen last.
        var lastTime: Int64
        let client: PacketEndpoint
        let server: PacketEndpoint
        let transport: DNSTransaction.Transport
        fileprivate(set) var name: String
        let type: DNSType
        /// In the list of servers; nil when that is full.
        let serverIndex: Int?
        var repeats = 0
        var isAnswered = false
        var isTruncated = false
        var rcode = DNSRcode.noError
        /// Nanoseconds.
        var latency: Int64 = 0
        fileprivate(set) var answers: [String] = []

        /// Bytes of the texts, with what each of them costs beside.
        fileprivate var textSize: Int { answers.reduce(name.utf8.count) { $0 + $1.utf8.count + 32 } }

        /// A zone transfer: several messages answer it (RFC 5936, RFC 1995).
        var hasManyAnswers: Bool { type.rawValue == 251 || type.rawValue == 252 }
    }

    /// An answer that comes later than this finds its question forgotten.
    private static let longest: Int64 = 300_000_000_000
    private static let most = 1 << 16
    /// Of names and answers, of those that stand and of those that were let go: a hundred times what a resolver's questions come to.
    private static let mostText = 32 << 20

    private let listed: Int
    private var entries: [Entry] = []
    /// Counted from the beginning; an entry stands at its number modulo `most`.
    private var oldest = 0
    private var next = 0
    private var open: [Key: Int] = [:]
    private var textSize = 0
    private var endedTextSize = 0
    /// Of those that were let go: the first of each kind, what is wrong before what is not.
    private var ended: [[DNSTransaction]] = Array(repeating: [], count: Importance.allCases.count)

    /// - Parameter listed: transactions that a summary holds.
    init(listed: Int) {
        self.listed = listed
    }

    /// All that ever were.
    var count: Int { next }

    /// Where the transaction stands, for `update`.
    func find(_ key: Key) -> Int? { open[key] }

    subscript(number: Int) -> Entry {
        _read { yield entries[number % Self.most] }
        _modify { yield &entries[number % Self.most] }
    }

    mutating func add(_ entry: Entry) {
        while next > oldest,
            next - oldest >= Self.most || textSize > Self.mostText || entry.time &- self[oldest].time > Self.longest
        {
            release()
        }
        textSize += entry.textSize
        if entries.count < Self.most { entries.append(entry) } else { entries[next % Self.most] = entry }
        open[entry.key] = next
        next += 1
    }

    /// What answered it; once for each.
    mutating func keep(answers: [String], of number: Int) {
        self[number].answers = answers
        textSize += answers.reduce(0) { $0 + $1.utf8.count + 32 }
    }

    private mutating func release() {
        let entry = self[oldest]
        if open[entry.key] == oldest { open[entry.key] = nil }
        let importance = Importance(entry).rawValue
        let size = entry.textSize
        textSize -= size
        if ended[importance].count < listed, endedTextSize + size <= Self.mostText {
            endedTextSize += size
            ended[importance].append(Self.transaction(entry))
        }
        self[oldest].name = ""
        self[oldest].answers = []
        oldest += 1
    }

    /// In the order of frames; the most important ones when not all have room.
    func transactions() -> [DNSTransaction] {
        var all = ended
        for number in oldest..<next {
            let entry = self[number]
            let importance = Importance(entry).rawValue
            if all[importance].count < listed { all[importance].append(Self.transaction(entry)) }
        }
        return all.joined().prefix(listed).sorted { $0.frame < $1.frame }
    }

    /// Without an answer, and asked no longer ago than this before the end.
    func unanswered(within nanoseconds: Int64, of end: Int64) -> Int {
        var count = 0
        for number in (oldest..<next).reversed() {
            guard end &- self[number].time < nanoseconds else { break }
            if !self[number].isAnswered { count += 1 }
        }
        return count
    }

    private static func transaction(_ entry: Entry) -> DNSTransaction {
        DNSTransaction(
            frame: entry.frame, at: WallTime(nanoseconds: entry.time), client: entry.client, server: entry.server,
            transport: entry.transport, id: entry.key.id, name: entry.name,
            type: entry.name.isEmpty ? "" : entry.type.description, repeats: entry.repeats,
            rcode: entry.isAnswered ? entry.rcode.description : nil,
            latency: entry.isAnswered ? .nanoseconds(entry.latency) : nil, isTruncated: entry.isTruncated,
            answers: entry.answers)
    }

    private enum Importance: Int, CaseIterable {
        case wrong, nameError, ordinary

        /// A resolver that waits longer has most often asked again by then (`timeout` of resolv.conf is counted in seconds).
        private static let slow: Int64 = 1_000_000_000

        init(_ entry: Entry) {
            let failed = entry.rcode != .noError && entry.rcode != .nxDomain
            if !entry.isAnswered || failed || entry.repeats > 0 || entry.latency >= Self.slow || entry.isTruncated {
                self = .wrong
            } else {
                self = entry.rcode == .nxDomain ? .nameError : .ordinary
            }
        }
    }
}
