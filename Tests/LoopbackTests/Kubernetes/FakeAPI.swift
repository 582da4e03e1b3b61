import LinuxIO
import NetValues
import ProbeKit
import Synchronization

/// What an API server was asked.
struct APIRequest: Sendable {
    let method: String
    let path: String
    let query: [String: String]
    let fields: [String: String]
    /// From 0, of all requests of this server.
    let number: Int

    /// Nil for what is no request of a client of ours.
    init?(head: [UInt8], number: Int) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3 else { return nil }
        method = String(words[0])
        let parts = words[1].split(separator: "?", maxSplits: 1)
        path = String(parts[0])
        let pairs = (parts.count > 1 ? parts[1] : "").split(separator: "&").map {
            $0.split(separator: "=", maxSplits: 1)
        }
        query = Dictionary(
            pairs.map { (String($0[0]), $0.count > 1 ? String($0[1]) : "") }, uniquingKeysWith: { first, _ in first })
        fields = Dictionary(
            lines.dropFirst().compactMap { line in
                line.firstIndex(of: ":").map { colon in
                    (line[..<colon].lowercased(), String(line[line.index(colon, offsetBy: 2)...]))
                }
            }, uniquingKeysWith: { first, _ in first })
        self.number = number
    }
}

enum APIReply: Sendable {
    case json(String)
    case chunked(String)
    case status(Int, String, [String] = [])
    /// These bytes, then the end.
    case raw(String)
    /// The JSON, then the end of the connection without a word of it before.
    case last(String)
    case endless

    static func list(_ kind: String, _ items: [String], next: String = "") -> APIReply {
        .chunked(
            "{\"kind\":\"\(kind)List\",\"metadata\":{\"continue\":\"\(next)\"},\"items\":[\(items.joined(separator: ","))]}"
        )
    }

    static func forbidden(_ user: String) -> APIReply {
        .status(403, "pods is forbidden: User \\\"\(user)\\\" cannot list resource")
    }
}

/// An API server whose answers are a function of the question.
final class FakeAPI: Sendable {
    private let reply: @Sendable (APIRequest) -> APIReply
    private let log = Mutex<[APIRequest]>([])
    private let opened = Mutex(0)

    init(_ reply: @escaping @Sendable (APIRequest) -> APIReply) {
        self.reply = reply
    }

    var requests: [APIRequest] { log.withLock { $0 } }
    var connections: Int { opened.withLock { $0 } }

    /// Discovery of some groups, and empty lists of all kinds, but for what `special` answers.
    convenience init(
        groups: [String: [String]] = [:], _ special: @escaping @Sendable (APIRequest) -> APIReply? = { _ in nil }
    ) {
        self.init { special($0) ?? Self.healthy($0, groups) }
    }

    /// - Parameter groups: plurals by "GROUP/VERSION".
    private static func healthy(_ request: APIRequest, _ groups: [String: [String]]) -> APIReply {
        if request.path == "/apis" {
            let items = groups.keys.sorted().map { key in
                let version = key.split(separator: "/").last.map { String($0) } ?? ""
                return "{\"name\":\"\(key.prefix { $0 != "/" })\",\"versions\":[{\"version\":\"\(version)\"}]}"
            }
            return .json("{\"kind\":\"APIGroupList\",\"groups\":[\(items.joined(separator: ","))]}")
        }
        if let plurals = groups[String(request.path.dropFirst(6))] {
            let names = plurals.map { "{\"name\":\"\($0)\"}" }.joined(separator: ",")
            return .json("{\"kind\":\"APIResourceList\",\"resources\":[\(names)]}")
        }
        let plural = request.path.split(separator: "/").last.map { String($0) } ?? ""
        return kinds[plural].map { .list($0, []) } ?? .status(404, "not found")
    }

    private static let kinds = [
        "namespaces": "Namespace", "nodes": "Node", "pods": "Pod", "services": "Service", "endpoints": "Endpoints",
        "replicationcontrollers": "ReplicationController", "secrets": "Secret", "deployments": "Deployment",
        "networkpolicies": "NetworkPolicy",
    ]

    // MARK: Serving

    @Sendable func serve(_ stream: any ByteStream) async {
        opened.withLock { $0 += 1 }
        var held: [UInt8] = []
        while let head = await Self.head(from: stream, &held) {
            let number = log.withLock { $0.count }
            guard let request = APIRequest(head: head, number: number) else { return }
            log.withLock { $0.append(request) }
            guard await say(reply(request), on: stream) else { return }
        }
    }

    private static func head(from stream: any ByteStream, _ held: inout [UInt8]) async -> [UInt8]? {
        let mark: [UInt8] = [13, 10, 13, 10]
        while true {
            if held.count >= 4,
                let end = (0...held.count - 4).first(where: { held[$0..<$0 + 4].elementsEqual(mark) })
            {
                defer { held.removeFirst(end + 4) }
                return Array(held[..<end])
            }
            guard case .bytes(let bytes) = try? await stream.read(upTo: 16_384, deadline: .now + .seconds(60)) else {
                return nil
            }
            held += bytes
        }
    }

    /// - Returns: whether the connection goes on.
    private func say(_ reply: APIReply, on stream: any ByteStream) async -> Bool {
        func write(_ text: String) async -> Bool {
            (try? await stream.write(Array(text.utf8), deadline: .now + .seconds(60))) == .some(nil)
        }
        func sized(_ status: Int, _ body: String, _ fields: [String] = []) -> String {
            let head = (["HTTP/1.1 \(status) Status", "Content-Length: \(body.utf8.count)"] + fields)
            return head.joined(separator: "\r\n") + "\r\n\r\n" + body
        }
        switch reply {
        case .json(let body): return await write(sized(200, body))
        case .last(let body):
            _ = await write(sized(200, body))
            return false
        case .status(let status, let message, let fields):
            return await write(sized(status, "{\"kind\":\"Status\",\"message\":\"\(message)\"}", fields))
        case .raw(let text):
            _ = await write(text)
            return false
        case .chunked(let body):
            var text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            let bytes = Array(body.utf8)
            for start in stride(from: 0, to: bytes.count, by: 1000) {
                let piece = bytes[start..<min(start + 1000, bytes.count)]
                text += "\(String(piece.count, radix: 16))\r\n\(String(decoding: piece, as: UTF8.self))\r\n"
            }
            return await write(text + "0\r\n\r\n")
        case .endless:
            guard await write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") else { return false }
            let block = "4000\r\n\(String(repeating: " ", count: 16_384))\r\n"
            while await write(block) {}
            return false
        }
    }
}
