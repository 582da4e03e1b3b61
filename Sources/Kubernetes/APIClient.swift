import JSON
import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import Synchronization
import Wire

/// What the API server said to one question.
enum APIAnswer: Sendable {
    case json(JSONValue)
    case refused(APIRefusal)
}

/// A status that is no success.
struct APIRefusal: Hashable, Sendable {
    let status: Int
    /// The server's own words, safe to be shown.
    let message: String

    /// "system:serviceaccount:shop:default" of `User "…" cannot list resource …`.
    var user: String? {
        guard let start = message.range(ofASCII: "User \"") else { return nil }
        let name = message[start.upperBound...].prefix { $0 != "\"" }
        return name.isEmpty ? nil : String(name)
    }
}

/// How much may come of one cluster.
final class ReadingBudget: Sendable {
    private struct Left {
        var bytes = 2 << 30
        var objects = 2_000_000
    }

    let deadline: Instant
    private let left = Mutex(Left())

    init(deadline: Instant) {
        self.deadline = deadline
    }

    /// - Returns: whether that much was left.
    func take(bytes: Int = 0, objects: Int = 0) -> Bool {
        left.withLock { left in
            left.bytes -= bytes
            left.objects -= objects
            return left.bytes >= 0 && left.objects >= 0
        }
    }
}

/// Asks one question after the other, as patiently as the server wishes.
struct APIClient: Sendable {
    private static let mostTries = 6
    private static let longestPause = Duration.seconds(30)

    let access: ClusterAccess
    let connection: APIConnection
    let credentials: CredentialSource
    let time: any TimeSource
    let budget: ReadingBudget
    let certificates: (any CertificateDescribing)?

    func get(
        _ path: String, _ query: [(String, String)] = [], accept: String = "application/json"
    ) async throws(ClusterProblem) -> APIAnswer {
        let target =
            query.isEmpty ? path : path + "?" + query.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
        var isRefused = false
        var tries = 1
        while true {
            let credentials = try await credentials.current(isRefused: isRefused)
            let response = try await connection.get(target, accept: accept, credentials: credentials)
            guard budget.take(bytes: response.body.count) else {
                throw access.problem("answers with more than 2 GiB in all", "read files instead: kubectl get … -o yaml")
            }
            switch response.status {
            case 200: return try json(response)
            case 401 where !isRefused: isRefused = true
            case 401: throw unauthorized(response, credentials)
            case 429, 503:
                guard tries < Self.mostTries, try await pause(response, tries) else {
                    return .refused(refusal(response, credentials))
                }
                tries += 1
            default: return .refused(refusal(response, credentials))
            }
        }
    }

    /// - Returns: false where the time does not suffice.
    private func pause(_ response: APIResponse, _ tries: Int) async throws(ClusterProblem) -> Bool {
        let asked = response.fields.values("Retry-After").first
        let wish: Duration =
            if let seconds = asked.flatMap({ Int64($0) }) {
                .seconds(min(max(seconds, 0), 3600))
            } else if let date =
                asked.flatMap({ WallTime(httpDate: $0) })
            { max(.zero, date - time.wallTime()) } else { .milliseconds(250 << tries) }
        let end = time.now() + min(wish, Self.longestPause)
        guard wish <= Self.longestPause, end < budget.deadline else { return false }
        try await access.carrying { () throws(ProbeInterruption) in try await time.sleep(until: end) }
        return true
    }

    private func json(_ response: APIResponse) throws(ClusterProblem) -> APIAnswer {
        do throws(JSONProblem) {
            return .json(try JSONParser.parse(response.body))
        } catch {
            return .refused(APIRefusal(status: 200, message: "its answer is no JSON that can be read"))
        }
    }

    private func unauthorized(_ response: APIResponse, _ credentials: Credentials) -> ClusterProblem {
        let words = refusal(response, credentials).message
        let who =
            credentials.token != nil ? "the token" : credentials.certificate != nil ? "the client certificate" : nil
        guard let who else {
            return access.problem(
                "wants to know who asks (401), and this context has no credentials", "add a user to the context")
        }
        let end = credentials.writtenEnd(certificates).flatMap { end in
            end < time.wallTime() ? "; it ended \((time.wallTime() - end).spoken) ago" : nil
        }
        return access.problem(
            "does not take \(who) (401\(words.isEmpty ? "" : ": \(words)")\(end ?? ""))",
            "log in anew, or make a new one (kubectl create token, az aks get-credentials)")
    }

    /// The message of a Status object. A server that repeats our token is not quoted.
    private func refusal(_ response: APIResponse, _ credentials: Credentials) -> APIRefusal {
        let status = response.body.count < 1 << 20 ? try? JSONParser.parse(response.body) : nil
        var words = status?["message"]?.string ?? ""
        if let token = credentials.token, !token.isEmpty, words.contains(token) { words = "" }
        if (300..<400).contains(response.status) { words = "a redirect, which is not followed" }
        return APIRefusal(status: response.status, message: words.escaped(limit: 400))
    }

    /// RFC 3986 section 2.3: all but the unreserved is escaped.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}

extension Credentials {
    /// When they end by what they say themselves.
    fileprivate func writtenEnd(_ certificates: (any CertificateDescribing)?) -> WallTime? {
        if let end { return end }
        if let token { return Self.end(ofToken: token) }
        guard let certificate, let certificates else { return nil }
        return certificates.describe(Self.leaf(in: certificate))?.notAfter
    }

    /// `exp` of a JSON Web Token (RFC 7519 section 4.1.4).
    private static func end(ofToken token: String) -> WallTime? {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let bytes = [UInt8](base64: parts[1].utf8.map(Self.plainDigit)),
            let claims = try? JSONParser.parse(bytes),
            let end = claims["exp"]?.int, end > 0
        else { return nil }
        return WallTime(seconds: Int64(end))
    }

    /// Section 5 of RFC 4648 in place of section 4.
    private static func plainDigit(_ digit: UInt8) -> UInt8 {
        switch digit {
        case UInt8(ascii: "-"): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        default: digit
        }
    }

    /// DER of the first certificate of PEM text (RFC 7468).
    private static func leaf(in text: [UInt8]) -> [[UInt8]] {
        let text = String(decoding: text, as: UTF8.self)
        guard let start = text.range(ofASCII: "-----BEGIN CERTIFICATE-----") else { return [] }
        return [UInt8](base64: text[start.upperBound...].prefix { $0 != "-" }.utf8).map { [$0] } ?? []
    }
}
