import NetValues

/// SIP over UDP (RFC 3261), as far as OPTIONS and its answer need.
package struct SIPResponse: Hashable, Sendable {
    package let status: Int
    /// As sent, cut.
    package let reason: String
    package let callID: String
    /// Of `Server` or `User-Agent`.
    package let agent: String?

    package static let mostLines = 128

    package init(decoding bytes: [UInt8]) throws(WireError) {
        var lines = SIPLines(bytes)
        guard let first = lines.next() else { throw WireError(field: "status line", problem: .cutShort) }
        let words = first.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[0].elementsEqual("SIP/2.0".utf8), words[1].count == 3,
            let status = UInt16(decimal: String(decoding: words[1], as: UTF8.self)), (100...699).contains(status)
        else { throw WireError(field: "status line", problem: .invalid) }
        self.status = Int(status)
        reason = words.count == 3 ? String(decoding: words[2].prefix(60), as: UTF8.self) : ""
        var callID: String?
        var agent: String?
        for _ in 0..<Self.mostLines {
            guard let line = lines.next(), !line.isEmpty else { break }
            guard let (name, value) = Self.field(line) else { throw WireError(field: "header", problem: .invalid) }
            switch name {
            case "call-id", "i": callID = callID ?? value
            case "server", "user-agent": agent = agent ?? value
            default: break
            }
        }
        guard let callID else { throw WireError(field: "Call-ID", problem: .cutShort) }
        self.callID = callID
        self.agent = agent
    }

    private static func field(_ line: ArraySlice<UInt8>) -> (name: String, value: String)? {
        // A line that begins with a blank goes on with the field before (section 7.3.1).
        if line.first == 0x20 || line.first == 0x09 { return ("", "") }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let name = String(decoding: line[..<colon].prefix(40), as: UTF8.self)
        let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
        return (String(name.prefix { $0 != " " }).lowercasedASCII(), String(decoding: value.prefix(120), as: UTF8.self))
    }

    /// An OPTIONS request (section 11): what the server can do, without a call.
    /// - Parameters:
    ///   - target: host and port as in a URI.
    ///   - nonce: unlike that of any other request; comes back in `Call-ID`.
    package static func options(target: String, nonce: String) -> [UInt8] {
        let lines = [
            "OPTIONS sip:\(target) SIP/2.0",
            // `rport` has the answer come back to where the request came from (RFC 3581).
            "Via: SIP/2.0/UDP leadsman.invalid;branch=z9hG4bK\(nonce);rport", "Max-Forwards: 70",
            "From: <sip:leadsman@leadsman.invalid>;tag=\(nonce)", "To: <sip:\(target)>",
            "Call-ID: \(callID(nonce))", "CSeq: 1 OPTIONS", "Contact: <sip:leadsman@leadsman.invalid>",
            "Accept: application/sdp", "User-Agent: leadsman", "Content-Length: 0", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    package static func callID(_ nonce: String) -> String { "\(nonce)@leadsman.invalid" }
}

/// The lines of a message, each without its end; CR is not needed before LF, as robust readers have it.
private struct SIPLines {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func next() -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        let end = rest.firstIndex(of: 0x0a) ?? rest.endIndex
        let line = rest[..<end]
        rest = end < rest.endIndex ? rest[(end + 1)...] : rest[rest.endIndex...]
        return line.last == 0x0d ? line.dropLast() : line
    }
}
