import Observations
import Wire

/// What conversations are, by the first bytes of their payload, and what TLS, HTTP/1 and QUIC say in the clear. The flow table keeps
/// an `ApplicationMark` for each flow, asks it whether a payload is wanted, and hands on those that are.
struct ApplicationAnalysis {
    private var tls: StreamAnalysis<TLSExchange>
    private var http: StreamAnalysis<HTTPExchange>
    private var quic: QUICAnalysis
    private var room: PayloadRoom
    private var early = EarlySegments()

    /// Payloads of each side that are looked at in search of a protocol, and of one that may go over to TLS.
    private static let mostTries: UInt8 = 2
    private static let mostBeforeTLS: UInt8 = 16

    init(_ settings: AnalysisSettings) {
        tls = StreamAnalysis(TLSBooks(settings), most: settings.mostConversations)
        http = StreamAnalysis(HTTPBooks(settings), most: settings.mostConversations)
        quic = QUICAnalysis(settings)
        room = PayloadRoom(bytes: settings.mostPayloadBytes)
    }

    /// Nothing comes for a flow any more.
    /// - Parameter isWhole: it has ended, so what was not answered never will be. Otherwise it only goes out of memory.
    mutating func forget(_ flow: Int, _ mark: ApplicationMark, isWhole: Bool) {
        early.forget(flow)
        switch mark.stage {
        case .tls: tls.forget(mark, isWhole: isWhole, &room)
        case .http: http.forget(mark, isWhole: isWhole, &room)
        case .quic: quic.forget(mark, isWhole: isWhole, &room, &tls.books)
        case .unknown, .beforeTLS: break
        }
    }

    func fill(_ summary: inout PacketSummary) {
        summary.tls = tls.books.summary
        summary.http = http.books.summary
        summary.limits.unlistedTransactions += tls.books.unlisted + http.books.unlisted
    }

    // MARK: - TCP

    /// The payload of a TCP segment that has one, if the mark wants it.
    /// - Returns: the name that the client asked for, SNI or Host, when this tells it.
    mutating func takeSegment(
        _ payload: Span<UInt8>, at place: StreamPosition, _ context: PayloadContext, _ mark: inout ApplicationMark
    ) -> String? {
        switch mark.stage {
        case .unknown: recogniseStream(payload, at: place, context, &mark)
        case .beforeTLS:
            if StreamSignature.isTLS(payload) {
                tls.begin(at: place, context, &early, &mark, &room)
            } else {
                mark.tryInVain(fromA: context.isFromA, atMost: Self.mostBeforeTLS)
            }
        case .tls, .http, .quic: break
        }
        switch mark.stage {
        case .tls: return tls.take(payload, at: place, context, &mark, &room)
        case .http: return http.take(payload, at: place, context, &mark, &room)
        default: return nil
        }
    }

    private mutating func recogniseStream(
        _ payload: Span<UInt8>, at place: StreamPosition, _ context: PayloadContext, _ mark: inout ApplicationMark
    ) {
        guard let found = StreamSignature.recognise(payload, context) else {
            if payload.count < context.length, let hint = PortHint.stream(context) {
                mark.application = hint
                mark.finish()
            } else if !early.keep(payload, at: place, context) {
                mark.tryInVain(fromA: context.isFromA, atMost: Self.mostTries)
            }
            return
        }
        mark.application = found
        switch found {
        case .tls: tls.begin(at: place, context, &early, &mark, &room)
        case .http: http.begin(at: place, context, &early, &mark, &room)
        case .postgres, .mysql, .smtp, .ldap: mark.restart(as: .beforeTLS)
        default: mark.finish()
        }
    }

    // MARK: - UDP

    /// The payload of a UDP datagram that has one, if the mark wants it.
    /// - Returns: the name that the client asked for, when this tells it.
    mutating func takeDatagram(
        _ payload: Span<UInt8>, _ context: PayloadContext, _ mark: inout ApplicationMark
    ) -> String? {
        if mark.stage == .unknown { recogniseDatagram(payload, context, &mark) }
        guard mark.stage == .quic else { return nil }
        return quic.take(payload, context, &mark, &room, &tls.books)
    }

    private mutating func recogniseDatagram(
        _ payload: Span<UInt8>, _ context: PayloadContext, _ mark: inout ApplicationMark
    ) {
        if let found = DatagramSignature.recognise(payload, context) {
            mark.application = found
            mark.finish()
            if found == .quic { quic.begin(payload, context, &mark, &room, &tls.books) }
        } else if payload.count < context.length, let hint = PortHint.datagram(context) {
            mark.application = hint
            mark.finish()
        } else {
            mark.tryInVain(fromA: context.isFromA, atMost: Self.mostTries)
        }
    }
}
