import NetValues
import Observations
import Wire

/// One QUIC connection until its hellos are read.
struct QUICConversation {
    let isClientA: Bool
    /// What the keys are derived from: the destination of the client's first packet, or of its first after a Retry.
    var keyID: [UInt8]
    var fromClient = QUICCryptoStream()
    var fromServer = QUICCryptoStream()
    /// In the server's stream: behind a HelloRetryRequest.
    var serverPosition = 0
    var hasHello = false
    var isAnswered = false
    var record: Int?
    var helloTime: Int64 = 0
    /// Datagrams looked at.
    var datagrams = 0

    var heldBytes: Int { fromClient.heldBytes + fromServer.heldBytes }
    /// A hello that waits for an answer.
    var isOpen: Bool { hasHello && !isAnswered }
}

/// QUIC: the hellos in Initial packets, as far as they can be opened.
struct QUICAnalysis {
    private var conversations: ConversationTable<QUICConversation>
    private let opener: (any QUICInitialOpening)?

    /// Of a connection; a handshake that is not over by then is not followed.
    private static let mostDatagrams = 16

    init(_ settings: AnalysisSettings) {
        conversations = ConversationTable(most: settings.mostConversations)
        opener = settings.quicInitials
    }

    /// A flow was recognised by this datagram.
    mutating func begin(
        _ datagram: Span<UInt8>, _ context: PayloadContext, _ mark: inout ApplicationMark, _ room: inout PayloadRoom,
        _ books: inout TLSBooks
    ) {
        guard let header = QUICLongHeader(datagram, at: 0), header.kind == .initial else { return mark.finish() }
        books.noteQUICInitial()
        guard opener != nil else { return mark.finish() }
        let conversation = QUICConversation(isClientA: context.isFromA, keyID: header.destinationID)
        let (place, evicted) = conversations.insert(conversation)
        mark.restart(as: .quic)
        mark.place = place
        if let evicted { release(evicted, &room, &books) }
    }

    /// - Returns: the name that the client asked for, once it is known.
    mutating func take(
        _ datagram: Span<UInt8>, _ context: PayloadContext, _ mark: inout ApplicationMark, _ room: inout PayloadRoom,
        _ books: inout TLSBooks
    ) -> String? {
        guard var conversation = conversations.take(mark.place) else {
            mark.finish()
            return nil
        }
        let held = conversation.heldBytes
        conversation.datagrams += 1
        var name: String?
        let goesOn = read(datagram, context, &conversation, &name, &books)
        let hasRoom = room.exchange(held, for: conversation.heldBytes)
        if goesOn && hasRoom && !conversation.isAnswered && conversation.datagrams < Self.mostDatagrams {
            conversations.put(conversation, mark.place)
        } else {
            conversations.remove(mark.place)
            mark.finish()
            release(conversation, &room, &books)
        }
        return name
    }

    mutating func forget(_ mark: ApplicationMark, isWhole: Bool, _ room: inout PayloadRoom, _ books: inout TLSBooks) {
        guard var conversation = conversations.take(mark.place) else { return }
        conversations.remove(mark.place)
        if isWhole { conversation.isAnswered = true }
        release(conversation, &room, &books)
    }

    /// Whether the hello was answered is not known.
    private func release(_ conversation: QUICConversation, _ room: inout PayloadRoom, _ books: inout TLSBooks) {
        room.free(conversation.heldBytes)
        if conversation.isOpen { books.settle() }
    }

    // MARK: - Packets

    /// Each packet of a datagram (RFC 9000 section 12.2).
    /// - Returns: false when the conversation cannot be read on.
    private func read(
        _ datagram: Span<UInt8>, _ context: PayloadContext, _ conversation: inout QUICConversation,
        _ name: inout String?, _ books: inout TLSBooks
    ) -> Bool {
        let isFromServer = context.isFromA != conversation.isClientA
        var position = 0
        while position < datagram.count, let header = QUICLongHeader(datagram, at: position) {
            switch header.kind {
            case .initial:
                guard let frames = open(datagram, header, isFromServer: isFromServer, &conversation) else {
                    return false
                }
                guard take(frames, isFromServer: isFromServer, context, &conversation, &name, &books) else {
                    return false
                }
            // The server is past its hello, or wants none of this client: its answer was there.
            case .handshake, .versionNegotiation: if isFromServer { return false }
            case .retry: return true
            case .zeroRTT: break
            }
            position = header.range.upperBound
        }
        // A short header is data; and what was cut is not known.
        return position > 0 && context.length == datagram.count
    }

    private func open(
        _ datagram: Span<UInt8>, _ header: QUICLongHeader, isFromServer: Bool, _ conversation: inout QUICConversation
    ) -> [UInt8]? {
        guard let opener, let number = header.numberOffset else { return nil }
        let bytes = datagram.copy(header.range)
        let offset = number - header.range.lowerBound
        func sealed(_ connectionID: [UInt8]) -> SealedQUICInitial {
            SealedQUICInitial(
                bytes: bytes, numberOffset: offset, version: header.version, connectionID: connectionID,
                isFromServer: isFromServer)
        }
        if let frames = opener.open(sealed(conversation.keyID)) { return frames }
        // RFC 9000 section 17.2.5.2: after a Retry the client chooses what the server told it, and new keys with it.
        guard !isFromServer, header.destinationID != conversation.keyID,
            let frames = opener.open(sealed(header.destinationID))
        else { return nil }
        conversation.keyID = header.destinationID
        return frames
    }

    // MARK: - Frames

    private func take(
        _ payload: [UInt8], isFromServer: Bool, _ context: PayloadContext, _ conversation: inout QUICConversation,
        _ name: inout String?, _ books: inout TLSBooks
    ) -> Bool {
        var fits = true
        var error: Int?
        let span = payload.span
        QUICFrames.each(span) { frame in
            switch frame {
            case .crypto(let offset, let range):
                let isKept =
                    isFromServer
                    ? conversation.fromServer.add(span, range, at: offset)
                    : conversation.fromClient.add(span, range, at: offset)
                fits = fits && isKept
            case .close(let code): error = code
            }
        }
        // RFC 9001 section 4.8: 0x100 and the number of the TLS alert.
        if let error, error & ~0xff == 0x100 {
            let alert = TLSClearAlert(isFatal: true, code: UInt8(error & 0xff))
            books.note(alert, from: isFromServer ? "server" : "client", at: conversation.record)
        }
        if isFromServer {
            readServer(&conversation, context, &books)
        } else {
            name = readClient(&conversation, context, &books)
        }
        return fits && error == nil
    }

    private func readClient(
        _ conversation: inout QUICConversation, _ context: PayloadContext, _ books: inout TLSBooks
    ) -> String? {
        guard !conversation.hasHello, let (type, body) = conversation.fromClient.message(at: 0), type == 1,
            let hello = conversation.fromClient.clientHello(body)
        else { return nil }
        conversation.hasHello = true
        conversation.helloTime = context.frame.time
        let moment = PacketMoment(frame: context.frame.number, time: context.frame.time)
        conversation.record = books.begin(
            hello, client: context.source, server: context.destination, moment, isQUIC: true)
        return hello.serverName
    }

    private func readServer(
        _ conversation: inout QUICConversation, _ context: PayloadContext, _ books: inout TLSBooks
    ) {
        while !conversation.isAnswered,
            let (type, body) = conversation.fromServer.message(at: conversation.serverPosition), type == 2,
            let hello = conversation.fromServer.serverHello(body)
        {
            conversation.serverPosition = body.upperBound
            guard !hello.isHelloRetryRequest else { continue }
            let latency = Duration.nanoseconds(context.frame.time &- conversation.helloTime)
            books.answer(
                hello, latency: conversation.hasHello ? latency : nil, at: conversation.record,
                isAwaited: conversation.hasHello)
            conversation.isAnswered = true
        }
    }
}
