import NetValues
import Observations

extension ThroughputFact {
    /// What kept it from taking place, or from being faster.
    var failureWords: [String] {
        if let problem { return ["transfer with \(endpoint): \(problem.words)"] }
        guard let words = bound?.words else { return [] }
        return ["transfer with \(endpoint): \(BitRate(bitsPerSecond: rate)), bounded by \(words)\(pace)"]
    }

    /// ": this host sent 7.1 Mbit/s of 10.0 Mbit/s, which is no limit of the path"
    private var pace: String {
        guard bound == .senderPace, let sent = datagrams?.sentRate, let requestedRate else { return "" }
        let who = direction == .up ? "this host" : "the server"
        return
            ": \(who) sent \(BitRate(bitsPerSecond: sent)) of \(BitRate(bitsPerSecond: requestedRate)), which is no limit of the path"
    }
}

extension ThroughputBound {
    var words: String {
        switch self {
        case .requestedRate: "the rate that was asked for"
        case .senderPace: "the sender, which did not keep up with the rate that was asked for"
        case .ownProcessor: "this machine's processor"
        case .peerProcessor: "the peer's processor"
        case .receiverWindow: "the receiver's window: it reads slowly, or its buffer is small for this round trip"
        case .sendBuffer: "the sender's buffer"
        case .queue: "a queue on the path: a link or a shaper"
        case .policer: "a policer, or a queue of a few packets: what is above the rate is dropped"
        case .loss: "packet loss at any rate"
        case .singleFlow: "something that limits one flow: several together are faster"
        case .stall: "a stall: no full-sized packet came through"
        }
    }
}

extension ThroughputFact.Problem {
    /// With the fix, where there is one.
    var words: String {
        switch self {
        case .busy:
            "the server runs the test of somebody else (iperf3 serves one at a time): wait, or have a second one on another port"
        case .wantsAuthentication:
            "the server asks for a user and password (iperf3 --authorized-users-path), which is not offered here: use a server without"
        case .serverError(let number, let code):
            "the server gave up: \(Self.errors[number] ?? "iperf3 error \(number)")\(code > 0 ? " (errno \(code))" : "")"
        case .terminated: "the server ended the test: it was stopped, or its limits were reached"
        case .malformed(let expected, let bytes):
            "no iperf3 server: expected \(expected)\(bytes.isEmpty ? "" : ", found “\(bytes.escaped(limit: 40))”")"
        case .closed(let step): "the server closed the connection \(step.words)"
        case .silent(.streams):
            "the streams could not be opened, though the control connection stands: over UDP, whether that port is let through as well"
        case .silent(let step): "the server said nothing more \(step.words)"
        case .failed(let failure, let step): "\(failure.name) \(step.words)"
        case .stalled:
            "the streams stand, and none of the bytes came through: large packets are lost (path MTU), or all of them"
        }
    }

    /// esnet/iperf src/iperf_api.h, 3.12: those that a server sends.
    private static let errors: [Int: String] = [
        5: "the duration is longer than it allows", 6: "more streams than it allows",
        13: "it does not offer this kind of test", 7: "the block size is larger than it allows",
        27: "its limit of the bit rate is exceeded (--server-bitrate-limit): ask for less (rate)",
        30: "it heard nothing for too long", 31: "it received nothing for too long",
        114: "it could not read the parameters", 120: "it was stopped",
        134: "it does not have this congestion control",
        203: "it could not connect a stream", 204: "it could not accept a stream", 205: "it could not send",
        206: "it could not receive",
    ]
}

extension ThroughputFact.Step {
    fileprivate var words: String {
        switch self {
        case .greeting: "after it was greeted"
        case .parameters: "when it was told what to test"
        case .streams: "when the streams were opened"
        case .transfer: "during the transfer"
        case .results: "before the results"
        }
    }
}
