import NetValues
import ProbeKit
import Wire

/// A request as far as the faulty server needs it, read within bounds: whoever is on the other side may be anybody.
struct HTTPFaultRequest {
    let method: String
    /// Without the query.
    let path: String
    let fields: [HTTPField]

    private static let headLimit = 65536
    private static let bodyLimit = 1 << 20

    /// Reads head and body, so that closing later resets nothing. Nil when the peer sends no request.
    static func read(from stream: any ByteStream, deadline: Instant) async throws(ProbeInterruption)
        -> HTTPFaultRequest?
    {
        var bytes: [UInt8] = []
        var searched = 0
        while bytes.count < headLimit {
            guard case .bytes(let more) = try await stream.read(upTo: 16384, deadline: deadline) else { return nil }
            bytes += more
            if let end = endOfHead(bytes, from: searched) {
                guard let request = HTTPFaultRequest(head: bytes[..<end]) else { return nil }
                try await request.skipBody(of: stream, alreadyRead: bytes.count - end, deadline: deadline)
                return request
            }
            searched = max(0, bytes.count - 3)
        }
        return nil
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (start...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual([0x0d, 0x0a, 0x0d, 0x0a]) }.map {
            $0 + 4
        }
    }

    init?(head: ArraySlice<UInt8>) {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else { return nil }
        method = String(words[0])
        path = String(words[1].prefix { $0 != "?" })
        fields = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return HTTPField(String(line[..<colon]), String(value))
        }
    }

    private func skipBody(
        of stream: any ByteStream, alreadyRead: Int, deadline: Instant
    ) async throws(ProbeInterruption) {
        let declared = fields.values("Content-Length").first.flatMap { Int($0) } ?? 0
        var remaining = min(declared, Self.bodyLimit) - alreadyRead
        while remaining > 0 {
            guard case .bytes(let more) = try await stream.read(upTo: min(remaining, 65536), deadline: deadline) else {
                return
            }
            remaining -= more.count
        }
    }
}
