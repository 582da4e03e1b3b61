import NetValues
import Planning
import ProbeKit
import Wire

/// The services that there are, by the word of a plan.
enum UDPServices {
    static let words = ["dns", "ntp", "quic", "sip", "echo", "raw"]
    /// Of a request: as much as every path carries in one packet (RFC 8200 section 5).
    static let mostBytes = 1200

    private static let usual: [UInt16: String] = [53: "dns", 123: "ntp", 443: "quic", 5060: "sip", 7: "echo"]

    static func service(of check: Check, port: UInt16) throws(PlanProblem) -> any UDPService {
        let keys = check.parameters
        let send = keys.text("send")
        guard let word = keys.text("service") ?? (send == nil ? usual[port] : "raw") else {
            throw PlanProblem(
                "what is asked of UDP port \(port)? Say `service:` (\(words.joined(separator: ", "))), or `send:` the bytes of a request"
            )
        }
        if send != nil, word != "raw" {
            throw PlanProblem(
                "`send` goes with `service: raw`: \(word) has a request of its own", at: keys.places["send"])
        }
        switch word {
        case "dns": return DNSService()
        case "ntp": return NTPService()
        case "quic": return QUICService()
        case "sip": return SIPService()
        case "echo": return EchoService()
        default:
            guard let bytes = send.flatMap({ SendText($0)?.bytes }), !bytes.isEmpty else {
                throw PlanProblem("`service: raw` needs `send:`, the bytes of the request", at: keys.places["service"])
            }
            return RawService(bytes: bytes)
        }
    }
}

/// The name servers of the root: every resolver knows them, and every other name server says why it does not.
struct DNSService: UDPService {
    let word = "dns"
    let promise = "an answer of DNS"

    func request(to target: HostPort) -> ServiceRequest {
        let id = UInt16.random(in: 0...UInt16.max)
        let question = DNSQuestion(name: .root, type: .ns)
        let query = DNSMessage(id: id, recursionDesired: true, questions: [question])
        return ServiceRequest(bytes: query.encoded()) { bytes in
            guard let message = try? DNSMessage(decoding: bytes), message.isResponse, message.id == id else {
                return nil
            }
            let asked = message.questions
            // Some repeat no question with an error (RFC 1035 section 4.1.1 does not say that they must).
            guard asked.isEmpty || asked.count == 1 && asked[0].name == .root && asked[0].type == .ns else {
                return nil
            }
            let count = message.answers.count
            return ServiceAnswer("DNS \(message.rcode), \(count) record\(count == 1 ? "" : "s")")
        }
    }
}

struct NTPService: UDPService {
    let word = "ntp"
    let promise = "time from a clock that is set"

    func request(to target: HostPort) -> ServiceRequest {
        let nonce = UInt64.random(in: 1...UInt64.max)
        return ServiceRequest(bytes: NTPMessage.request(nonce: nonce)) { bytes in
            // RFC 5905 section 8: an answer to another request, or to none, has another origin.
            guard let message = try? NTPMessage(decoding: bytes), message.mode == 4, message.origin == nonce else {
                return nil
            }
            var answer = ServiceAnswer(objection: Self.objection(message)) { times in Self.words(message, times) }
            if message.isSynchronised, message.kissCode == nil {
                answer.clockOffset = { times in message.offset(sentAt: times.sent, receivedAt: times.received) }
            }
            return answer
        }
    }

    private static func objection(_ message: NTPMessage) -> String? {
        if let code = message.kissCode {
            // It does answer, only not so often.
            return code == "RATE" ? nil : "kiss-o'-death \(code)"
        }
        return message.isSynchronised ? nil : "a clock that is not synchronised (stratum \(message.stratum))"
    }

    private static func words(_ message: NTPMessage, _ times: ServiceTimes) -> String {
        let start = "NTP version \(message.version), stratum \(message.stratum)"
        if let code = message.kissCode { return "\(start), kiss-o'-death \(code)" }
        guard message.isSynchronised else { return "\(start), not synchronised" }
        guard let offset = message.offset(sentAt: times.sent, receivedAt: times.received) else { return start }
        let isBehind = offset < .zero
        let size = isBehind ? Duration.zero - offset : offset
        return "\(start), its clock is \(size.spoken) \(isBehind ? "behind" : "ahead of") ours"
    }
}

struct QUICService: UDPService {
    let word = "quic"
    let promise = "version negotiation"

    func request(to target: HostPort) -> ServiceRequest {
        let nonce = UInt64.random(in: 0...UInt64.max)
        return ServiceRequest(bytes: QUICVersionNegotiation.request(nonce: nonce)) { bytes in
            guard let answer = try? QUICVersionNegotiation(decoding: bytes), answer.answers(nonce: nonce) else {
                return nil
            }
            let versions = answer.versions.prefix(8).map(QUICVersionNegotiation.words)
            return ServiceAnswer("QUIC versions \(versions.joined(separator: ", "))")
        }
    }
}

struct SIPService: UDPService {
    let word = "sip"
    let promise = "an answer of SIP"

    func request(to target: HostPort) -> ServiceRequest {
        let nonce = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        return ServiceRequest(bytes: SIPResponse.options(target: target.description, nonce: nonce)) { bytes in
            guard let answer = try? SIPResponse(decoding: bytes), answer.callID == SIPResponse.callID(nonce) else {
                return nil
            }
            let agent = answer.agent.map { " (\($0.escaped(limit: 60)))" } ?? ""
            return ServiceAnswer("SIP \(answer.status) \(answer.reason.escaped(limit: 40))\(agent)")
        }
    }
}

/// RFC 862: what is sent comes back.
struct EchoService: UDPService {
    let word = "echo"
    let promise = "the same bytes"

    func request(to target: HostPort) -> ServiceRequest {
        let bytes = Array("leadsman \(String(UInt64.random(in: 0...UInt64.max), radix: 36))".utf8)
        return ServiceRequest(bytes: bytes) {
            $0 == bytes ? ServiceAnswer("the same \(bytes.count) bytes came back") : nil
        }
    }
}

/// Bytes of the plan's own; whatever comes is an answer.
struct RawService: UDPService {
    let word = "raw"
    let promise = "an answer"
    let bytes: [UInt8]

    func request(to target: HostPort) -> ServiceRequest {
        ServiceRequest(bytes: bytes) { answer in
            ServiceAnswer("\(answer.count) bytes, “\(answer.escaped(limit: 48))”")
        }
    }
}
