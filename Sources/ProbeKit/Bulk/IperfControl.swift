import NetValues
import Observations
import Wire

/// iperf3's control connection: single octets that say where a test stands, and JSON behind a length of four octets. Everything
/// that comes is bounded, in its size and by a deadline.
package struct IperfControl: Sendable {
    package let stream: any ByteStream

    package init(_ stream: any ByteStream) {
        self.stream = stream
    }

    package enum Reading<Value: Sendable>: Sendable {
        case value(Value)
        case failed(Failure)
    }

    package enum Failure: Sendable {
        case end(StreamEnd)
        /// What was expected, and the first of what came.
        case malformed(String, [UInt8])

        package func problem(during step: ThroughputFact.Step) -> ThroughputFact.Problem {
            switch self {
            case .malformed(let expected, let bytes): .malformed(expected, bytes)
            case .end(.deadline): .silent(during: step)
            case .end(.failed(let failure)): .failed(failure, during: step)
            case .end(.closed), .end(.satisfied), .end(.tlsFailed): .closed(during: step)
            }
        }
    }

    /// Exactly so many octets.
    package func take(_ count: Int, deadline: Instant) async throws(ProbeInterruption) -> Reading<[UInt8]> {
        var bytes: [UInt8] = []
        while bytes.count < count {
            switch try await stream.read(upTo: count - bytes.count, deadline: deadline) {
            case .bytes(let more): bytes += more
            case .end(let end): return .failed(.end(end))
            }
        }
        return .value(bytes)
    }

    package func state(deadline: Instant) async throws(ProbeInterruption) -> Reading<IperfState> {
        switch try await take(1, deadline: deadline) {
        case .failed(let failure): return .failed(failure)
        case .value(let bytes):
            guard let state = IperfState(octet: bytes[0]) else {
                return .failed(.malformed("a state of iperf3", bytes))
            }
            return .value(state)
        }
    }

    package func message(deadline: Instant) async throws(ProbeInterruption) -> Reading<[UInt8]> {
        switch try await take(4, deadline: deadline) {
        case .failed(let failure): return .failed(failure)
        case .value(let head):
            let length = head.reduce(0) { $0 << 8 | Int($1) }
            guard length <= IperfJSON.mostBytes else {
                return .failed(.malformed("a message of at most \(IperfJSON.mostBytes >> 20) MiB", head))
            }
            return try await take(length, deadline: deadline)
        }
    }

    /// iperf3's error, and errno.
    package func serverError(deadline: Instant) async throws(ProbeInterruption) -> (Int, Int) {
        guard case .value(let bytes) = try await take(8, deadline: deadline) else { return (0, 0) }
        func number(_ place: Int) -> Int {
            Int(Int32(bitPattern: bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }))
        }
        return (number(0), number(4))
    }

    package func send(_ state: IperfState, deadline: Instant) async throws(ProbeInterruption) -> Failure? {
        try await stream.write([state.octet], deadline: deadline).map { .end($0) }
    }

    package func send(message: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> Failure? {
        let length = UInt32(clamping: message.count)
        let head = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
        return try await stream.write(head + message, deadline: deadline).map { .end($0) }
    }
}
