import NetValues
import Observations
import Wire

/// One TLS handshake over TCP.
struct TLSExchange: StreamExchange {
    static let stage = ApplicationMark.Stage.tls

    private let a: PacketEndpoint
    private let b: PacketEndpoint
    /// SNI (RFC 6066).
    private(set) var name: String?
    /// In the list of handshakes, when it is listed.
    private var record: Int?
    private var isClientA: Bool?
    private var helloTime: Int64 = 0
    private var asksAgain = false
    /// Its readers know where the handshake ends.
    var isOver: Bool { false }
    /// The ClientHello waits for an answer that we would see.
    private(set) var isOpen = false

    init(a: PacketEndpoint, b: PacketEndpoint) {
        self.a = a
        self.b = b
    }

    mutating func take(
        _ event: TLSStreamReader.Event, from reader: inout TLSStreamReader, isFromA: Bool, at moment: PacketMoment,
        _ books: inout TLSBooks
    ) {
        switch event {
        case .clientHello(let hello): take(hello, isFromA: isFromA, moment, &books)
        case .serverHello(let hello):
            take(hello, moment, &books)
            // RFC 8446 section 2: all that follows is encrypted.
            if !hello.isHelloRetryRequest, hello.version >= 0x0304 { reader.finish() }
        case .certificate(let chain):
            if isFromA != isClientA { books.noteCertificate(chain, at: record) }
        case .alert(let alert):
            let sender = isFromA == isClientA ? "client" : "server"
            books.note(alert, from: sender, at: record)
            if isFromA != isClientA { abandon(&books) }
        case .changeCipherSpec:
            // RFC 8446 appendix D.4: after a HelloRetryRequest it means nothing, and another hello follows.
            if !asksAgain { reader.finish() }
        case .end: if isFromA != isClientA { abandon(&books) }
        }
    }

    private mutating func take(
        _ hello: TLSClientHello, isFromA: Bool, _ moment: PacketMoment, _ books: inout TLSBooks
    ) {
        guard isClientA == nil else { return }
        isClientA = isFromA
        helloTime = moment.time
        isOpen = true
        name = hello.serverName
        record = books.begin(hello, client: isFromA ? a : b, server: isFromA ? b : a, moment)
    }

    private mutating func take(_ hello: TLSServerHello, _ moment: PacketMoment, _ books: inout TLSBooks) {
        guard !hello.isHelloRetryRequest else {
            asksAgain = true
            return
        }
        let latency = isClientA == nil ? nil : Duration.nanoseconds(moment.time &- helloTime)
        books.answer(hello, latency: latency, at: record, isAwaited: isOpen)
        isOpen = false
    }

    mutating func lose(isFromA: Bool, _ books: inout TLSBooks) {
        if isFromA != isClientA { abandon(&books) }
    }

    func mayResume(isFromA: Bool) -> Bool { false }

    mutating func noteNewBytes(isFromA: Bool, at time: Int64) {}

    /// The hello was answered in another way, or it cannot be known any more.
    mutating func abandon(_ books: inout TLSBooks) {
        guard isOpen else { return }
        isOpen = false
        books.settle()
    }
}

/// What is counted over all handshakes.
struct TLSBooks {
    private(set) var tally = TLSTally()
    private(set) var unlisted = 0
    /// ClientHellos that something answered, and those of which that cannot be known.
    private var settled = 0
    private let describer: (any CertificateDescribing)?
    private let mostListed: Int

    private static let mostAlerts = 8

    init(_ settings: AnalysisSettings) {
        describer = settings.certificates
        mostListed = settings.mostTransactions
    }

    mutating func begin(
        _ hello: TLSClientHello, client: PacketEndpoint, server: PacketEndpoint, _ moment: PacketMoment,
        isQUIC: Bool = false
    ) -> Int? {
        tally.clientHellos += 1
        guard tally.handshakes.count < mostListed else {
            unlisted += 1
            return nil
        }
        var record = TLSHandshakeRecord(
            frame: moment.frame, at: WallTime(nanoseconds: moment.time), client: client, server: server)
        record.isQUIC = isQUIC
        record.serverName = hello.serverName
        record.offeredALPN = hello.alpn
        record.offeredVersions = hello.versionNames
        tally.handshakes.append(record)
        return tally.handshakes.count - 1
    }

    mutating func answer(_ hello: TLSServerHello, latency: Duration?, at record: Int?, isAwaited: Bool) {
        tally.serverHellos += 1
        if isAwaited { settled += 1 }
        let version = TLSVersionName.of(hello.version)
        tally.versions[version, default: 0] += 1
        guard let record else { return }
        tally.handshakes[record].chosenVersion = version
        tally.handshakes[record].cipher = TLSCipherName.of(hello.cipher)
        tally.handshakes[record].chosenALPN = hello.alpn
        tally.handshakes[record].latency = latency
    }

    mutating func note(_ alert: TLSClearAlert, from sender: String, at record: Int?) {
        tally.alerts[alert.name, default: 0] += 1
        guard let record, tally.handshakes[record].alerts.count < Self.mostAlerts else { return }
        tally.handshakes[record].alerts.append("\(alert) from the \(sender)")
    }

    mutating func noteCertificate(_ chain: [[UInt8]], at record: Int?) {
        guard let record, !chain.isEmpty, let describer, tally.handshakes[record].certificate == nil else { return }
        tally.handshakes[record].certificate = describer.describe(chain)
    }

    mutating func noteQUICInitial() { tally.quicInitials += 1 }

    mutating func settle() { settled += 1 }

    var summary: TLSTally {
        var summary = tally
        summary.unanswered = max(0, tally.clientHellos - settled)
        return summary
    }
}
