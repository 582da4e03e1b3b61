import Observations
import Wire

/// Handshakes of TLS over TCP.
struct TLSAnalysis {
    typealias Conversation = StreamConversation<TLSExchange>

    var books: TLSBooks
    private var conversations: ConversationTable<Conversation>

    init(_ settings: AnalysisSettings) {
        books = TLSBooks(settings)
        conversations = ConversationTable(most: settings.mostConversations)
    }

    mutating func begin(
        at place: StreamPosition, _ context: PayloadContext, _ early: inout EarlySegments,
        _ mark: inout ApplicationMark, _ room: inout PayloadRoom
    ) {
        let exchange = TLSExchange(
            a: context.isFromA ? context.source : context.destination,
            b: context.isFromA ? context.destination : context.source)
        var conversation = Conversation(exchange, TLSStreamReader(), at: place, isFromA: context.isFromA)
        early.release(context.flow, into: &conversation)
        let (kept, evicted) = conversations.insert(conversation)
        mark.stage = .tls
        mark.place = kept
        _ = room.exchange(0, for: conversation.heldBytes)
        guard var evicted else { return }
        room.free(evicted.heldBytes)
        evicted.exchange.abandon(&books)
    }

    /// - Returns: the name that the client asked for, once it is known.
    mutating func take(
        _ payload: Span<UInt8>, at place: StreamPosition, _ context: PayloadContext, _ mark: inout ApplicationMark,
        _ room: inout PayloadRoom
    ) -> String? {
        var name: String?
        var isDone = (fromA: true, fromB: true)
        // A conversation that gave way to another one is not there any more.
        guard var conversation = conversations.take(mark.place) else {
            mark.finish()
            return nil
        }
        let held = conversation.heldBytes
        let wasNamed = conversation.exchange.serverName != nil
        _ = conversation.take(payload, at: place, context, &books)
        if !wasNamed { name = conversation.exchange.serverName }
        if room.exchange(held, for: conversation.heldBytes) {
            isDone = (conversation.fromA.isDone, conversation.fromB.isDone)
        }
        if isDone.fromA { mark.finish(fromA: true) }
        if isDone.fromB { mark.finish(fromA: false) }
        if isDone.fromA && isDone.fromB {
            room.free(conversation.heldBytes)
            conversation.exchange.abandon(&books)
            conversations.remove(mark.place)
        } else {
            conversations.put(conversation, mark.place)
        }
        return name
    }

    /// - Parameter isWhole: the conversation has ended, rather than gone out of sight.
    mutating func forget(_ mark: ApplicationMark, isWhole: Bool, _ room: inout PayloadRoom) {
        guard var conversation = conversations.take(mark.place) else { return }
        conversations.remove(mark.place)
        room.free(conversation.heldBytes)
        if !isWhole { conversation.exchange.abandon(&books) }
    }
}
