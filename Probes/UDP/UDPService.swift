import NetValues
import ProbeKit

/// How one kind of service is asked over UDP.
protocol UDPService: Sendable {
    /// `dns`
    var word: String { get }
    /// What an answer should be, for "expected …".
    var promise: String { get }
    /// A request unlike any other, so that its answer is known by it.
    func request(to target: HostPort) -> ServiceRequest
}

struct ServiceRequest: Sendable {
    let bytes: [UInt8]
    /// Nil for bytes that do not answer this request.
    let read: @Sendable ([UInt8]) -> ServiceAnswer?
}

struct ServiceAnswer: Sendable {
    /// In few words, safe to show.
    let words: @Sendable (ServiceTimes) -> String
    /// Why a client of the service gets nothing from it all the same; nil where it does.
    var objection: String?
    /// Of a time server: how far its clock is ahead of ours.
    var clockOffset: @Sendable (ServiceTimes) -> Duration? = { _ in nil }

    init(_ words: String) {
        self.words = { _ in words }
    }

    init(objection: String?, words: @escaping @Sendable (ServiceTimes) -> String) {
        self.objection = objection
        self.words = words
    }
}

/// By our own clock, when the request left and when its answer was there.
struct ServiceTimes: Sendable {
    let sent: WallTime
    let received: WallTime
}
