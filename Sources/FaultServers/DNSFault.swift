import NetValues
import Wire

/// How the fault server treats the questions for one name.
package indirect enum DNSFault: Sendable {
    /// The records whose type fits the question (and CNAMEs); none of them is NODATA.
    case answer([DNSRecord])
    case rcode(DNSRcode)
    /// The name exists, without a record of the type.
    case nodata
    case silent
    /// Silent for so many datagrams, then another behaviour.
    case silentFirst(Int, then: DNSFault)
    case delay(Duration, DNSFault)
    /// Over UDP an empty answer with TC set, over TCP the real one.
    case truncated([DNSRecord])
    /// The same, but TCP connections that ask for it are closed.
    case truncatedTCPClosed
    case garbage([UInt8])
    /// As garbage, but after the right id.
    case garbageWithID([UInt8])
    case wrongID([DNSRecord])
    case wrongQuestion([DNSRecord])
    /// An answer whose record name points to itself.
    case compressionLoop
    /// An answer of about so many bytes, whatever size the client can take.
    case oversized(Int)
    /// FORMERR for questions with an OPT record, otherwise the records.
    case formErrOnEDNS([DNSRecord])
    /// Our question as it came, in place of an answer.
    case echo
    /// Only the first so many bytes of the right answer, the message's length cut too.
    case cut(Int, [DNSRecord])
    /// SERVFAIL and the like with an extended error (RFC 8914).
    case extendedError(DNSRcode, code: UInt16, text: String)
    /// One behaviour over UDP, another over TCP.
    case byTransport(udp: DNSFault, tcp: DNSFault)
    /// Over TCP a broken stream, over UDP nothing.
    case stream(DNSTCPFault, [DNSRecord])
}

/// What the server shall do with one question.
enum DNSServerAction {
    case reply([UInt8])
    case nothing
    /// TCP: end the connection. UDP: nothing.
    case close
    /// TCP: this answer, in a broken way.
    case stream(DNSTCPFault, [UInt8])
}

extension DNSFault {
    /// The bytes to send for a query, `seen` being how many questions for this name came before. Delays are the caller's.
    func action(for query: DNSMessage, isTCP: Bool, seen: Int) -> DNSServerAction {
        switch self {
        case .answer(let records): .reply(query.response(records).encoded())
        case .rcode(let rcode): .reply(query.response([], rcode: rcode).encoded())
        case .nodata: .reply(query.response([]).encoded())
        case .silent: .nothing
        case .silentFirst(let count, let then):
            seen < count ? .nothing : then.action(for: query, isTCP: isTCP, seen: seen - count)
        case .delay(_, let then): then.action(for: query, isTCP: isTCP, seen: seen)
        case .truncated(let records):
            isTCP ? .reply(query.response(records).encoded()) : .reply(query.truncated.encoded())
        case .stream(let fault, let records):
            isTCP ? .stream(fault, query.response(records).encoded()) : .nothing
        case .truncatedTCPClosed: isTCP ? .close : .reply(query.truncated.encoded())
        case .byTransport(let udp, let tcp): (isTCP ? tcp : udp).action(for: query, isTCP: isTCP, seen: seen)
        case .formErrOnEDNS(let records):
            .reply(
                query.edns == nil ? query.response(records).encoded() : query.response([], rcode: .formErr).encoded())
        case .oversized(let size): .reply(query.response(query.padding(to: size)).encoded())
        case .extendedError(let rcode, let code, let text):
            .reply(query.response([], rcode: rcode, extended: (code, text)).encoded())
        default: .reply(malformedReply(to: query))
        }
    }

    private func malformedReply(to query: DNSMessage) -> [UInt8] {
        switch self {
        case .garbage(let bytes): bytes
        case .garbageWithID(let bytes): [UInt8(query.id >> 8), UInt8(truncatingIfNeeded: query.id)] + bytes
        case .wrongID(let records):
            query.changed { $0.id ^= 0x5555 }.response(records).encoded()
        case .wrongQuestion(let records):
            query.changed {
                $0.questions = DomainName("other.example.").map { [DNSQuestion(name: $0, type: .a)] } ?? []
            }
            .response(records).encoded()
        case .compressionLoop: query.loopingReply
        case .echo: query.encoded()
        case .cut(let length, let records): Array(query.response(records).encoded().prefix(length))
        default: []
        }
    }

    /// How long to wait before the reply.
    var delay: Duration {
        switch self {
        case .delay(let span, let then): span + then.delay
        case .silentFirst(_, let then): then.delay
        default: .zero
        }
    }
}

extension DNSMessage {
    fileprivate func changed(_ change: (inout DNSMessage) -> Void) -> DNSMessage {
        var copy = self
        change(&copy)
        return copy
    }

    func response(
        _ records: [DNSRecord], rcode: DNSRcode = .noError, extended: (code: UInt16, text: String)? = nil
    ) -> DNSMessage {
        let type = questions.first?.type ?? .a
        let fitting = records.filter { $0.type == type || $0.type == .cname || type == .any }
        let answered = rcode == .noError && !fitting.isEmpty
        var edns: DNSEDNS? = edns == nil ? nil : DNSEDNS()
        if let extended {
            let data =
                [UInt8(extended.code >> 8), UInt8(truncatingIfNeeded: extended.code)] + Array(extended.text.utf8)
            edns = DNSEDNS(options: [DNSEDNS.Option(code: 15, data: data)])
        }
        return DNSMessage(
            id: id, isResponse: true, isAuthoritative: true, recursionDesired: recursionDesired,
            recursionAvailable: true,
            rcode: rcode, questions: questions, answers: answered ? fitting : [],
            authority: answered || (rcode != .noError && rcode != .nxDomain) ? [] : [Self.zone], edns: edns)
    }

    fileprivate var truncated: DNSMessage { response([]).changed { $0.isTruncated = true } }

    /// What negative answers carry (RFC 2308 section 3).
    private static let zone = DNSRecord(
        name: ".", type: .soa, ttl: 60,
        data: .soa(
            primary: "ns.fault.test.", mailbox: "hostmaster.fault.test.", serial: 1, refresh: 3600, retry: 600,
            expire: 86400,
            minimum: 60))

    fileprivate func padding(to size: Int) -> [DNSRecord] {
        let name = questions.first?.name.absolute.description ?? "."
        let type = questions.first?.type ?? .txt
        let chunk = DNSRecordData.txt([[UInt8](repeating: UInt8(ascii: "x"), count: 200)])
        return (0..<max(1, size / 213)).map { _ in
            DNSRecord(name: name, type: type == .any ? .txt : type, ttl: 60, data: chunk)
        }
    }

    /// Header, question, and an answer record whose name is a pointer to itself.
    fileprivate var loopingReply: [UInt8] {
        var bytes = response([]).changed {
            $0.authority = []; $0.edns = nil
        }.encoded()
        guard bytes.count >= 12 else { return bytes }
        bytes[7] = 1
        let place = UInt16(bytes.count)
        bytes.append(uint16: 0xc000 | place)
        return bytes + [0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]
    }
}
