import Observations
import Wire

/// What is kept of one direction of a conversation: what tshark's rules need, and what the record needs
/// beside. Plain numbers: a hundred thousand of these stand in memory.
struct TCPDirectionState {
    // Of tshark's rules. Zero is "unset" there too, although it is a sequence number.
    var next: UInt32 = 0
    /// Up to where an acknowledgement is believed.
    var maxAck: UInt32 = 0
    var lastAck: UInt32 = 0
    var duplicateAcks: UInt32 = 0
    /// As in the header; 2^32 - 1 before the first segment.
    var window = UInt32.max
    var base: UInt32 = 0
    var lastAckAt: Int64 = 0
    var nextAt: Int64 = 0
    var lastFlags: TCPAnalysisFlags = []
    var hasBase = false
    /// Only a SYN came yet: the window is not scaled.
    var isFirstAck = false
    var scale = WindowScale.unknown
    var unacked = UnackedSegments()

    // Of the record.
    var hopLimitOfHandshake: UInt8 = 0
    var usualHopLimit: UInt8 = 0
    var offers: Offers = []
    var windowScale: UInt8 = 0
    var mss: UInt16 = 0
    var counters = TCPCounters()
    var syns: UInt32 = 0
    var synAcks: UInt32 = 0
    var fins: UInt32 = 0
    var resets: UInt32 = 0
    var dataSegments: UInt32 = 0
    var uniqueBytes: Int64 = 0
    var largestWindow: UInt32 = 0
    var smallestWindow = UInt32.max
    var largestInFlight: UInt32 = 0
    var largestSegment: UInt32 = 0
    var largestAcknowledged: UInt32 = 0
    var repeated = RepeatedSegment()
    var roundTrips = RoundTrips()
    var firstDataAt: Int64 = 0
    var lastDataAt: Int64 = 0
    var firstSYNAt: Int64 = 0
    var lastSYNAt: Int64 = 0
    var stream = StreamTracker()
    /// Segments that tshark takes for loss or disorder, and that are one packet seen twice.
    var copiesTakenForLoss: UInt32 = 0
    var copiesTakenForDuplicateAcks: UInt32 = 0
    /// The furthest that it acknowledged; 0 before it did.
    var furthestAck: UInt32 = 0

    struct Offers: OptionSet {
        let rawValue: UInt8
        static let sack = Offers(rawValue: 1)
        static let timestamps = Offers(rawValue: 2)
        static let mss = Offers(rawValue: 4)
        static let windowScale = Offers(rawValue: 8)
        static let handshakeHopLimit = Offers(rawValue: 16)
        static let usualHopLimit = Offers(rawValue: 32)
    }
}

/// How far windows are shifted (RFC 7323).
enum WindowScale: Equatable {
    /// No handshake was seen.
    case unknown
    /// One side did not offer it.
    case off
    case shift(UInt8)

    /// In windows of a conversation whose handshake was seen, or nil.
    var shift: UInt32? {
        switch self {
        case .unknown: nil
        case .off: 0
        case .shift(let bits): UInt32(bits)
        }
    }
}

/// The segment that was sent again most often.
struct RepeatedSegment {
    private var sequence: UInt32 = 0
    private var size: UInt32 = 0
    private var times: UInt32 = 0
    private(set) var most: UInt32 = 0
    private(set) var sizeOfMost: UInt32 = 0

    mutating func add(_ sequence: UInt32, size: UInt32) {
        if times > 0, sequence == self.sequence, size == self.size {
            times &+= 1
        } else {
            self.sequence = sequence
            self.size = size
            times = 1
        }
        if times > most {
            most = times
            sizeOfMost = size
        }
    }
}

/// From segments to their acknowledgements.
struct RoundTrips {
    private(set) var fastest = Int64.max
    private(set) var slowest: Int64 = 0
    private var sum: Int64 = 0
    private(set) var count: UInt32 = 0

    mutating func add(_ nanoseconds: Int64) {
        guard nanoseconds > 0 else { return }
        fastest = min(fastest, nanoseconds)
        slowest = max(slowest, nanoseconds)
        sum = sum.addingReportingOverflow(nanoseconds).overflow ? Int64.max : sum + nanoseconds
        count &+= 1
    }

    /// Nil without one.
    var mean: Int64? { count == 0 ? nil : sum / Int64(count) }
}
