import Observations
import Wire

/// HTTP/1 in the clear.
struct HTTPAnalysis {
    typealias Conversation = StreamConversation<HTTPExchange>

    private(set) var books: HTTPBooks
    private var conversations: ConversationTable<Conversation>

    init(_ settings: AnalysisSettings) {
        books = HTTPBooks(settings)
        conversations = ConversationTable(most: settings.mostConversations)
    }

    mutating func begin(
        at place: StreamPosition, _ context: PayloadContext, _ early: inout EarlySegments,
        _ mark: inout ApplicationMark, _ room: inout PayloadRoom
    ) {
        let exchange = HTTPExchange(
            a: context.isFromA ? context.source : context.destination,
            b: context.isFromA ? context.destination : context.source)
        var conversation = Conversation(exchange, HTTPStreamReader(), at: place, isFromA: context.isFromA)
        early.release(context.flow, into: &conversation)
        let (kept, evicted) = conversations.insert(conversation)
        mark.stage = .http
        mark.place = kept
        _ = room.exchange(0, for: conversation.heldBytes)
        guard var evicted else { return }
        room.free(evicted.heldBytes)
        evicted.exchange.abandon(&books)
    }

    /// - Returns: the host that the first request named, once it is known.
    mutating func take(
        _ payload: Span<UInt8>, at place: StreamPosition, _ context: PayloadContext, _ mark: inout ApplicationMark,
        _ room: inout PayloadRoom
    ) -> String? {
        guard var conversation = conversations.take(mark.place) else {
            mark.finish()
            return nil
        }
        let held = conversation.heldBytes
        let wasNamed = conversation.exchange.host != nil
        let isNew = conversation.take(payload, at: place, context, &books)
        let moment = PacketMoment(frame: context.frame.number, time: context.frame.time)
        if isNew, conversation.exchange.isClientA == context.isFromA { conversation.exchange.noteBody(at: moment) }
        let name = wasNamed ? nil : conversation.exchange.host
        let hasRoom = room.exchange(held, for: conversation.heldBytes)
        let isDone = (fromA: conversation.fromA.isDone, fromB: conversation.fromB.isDone)
        if isDone.fromA { mark.finish(fromA: true) }
        if isDone.fromB { mark.finish(fromA: false) }
        if !hasRoom || conversation.exchange.isOver || (isDone.fromA && isDone.fromB) {
            room.free(conversation.heldBytes)
            if !hasRoom { conversation.exchange.abandon(&books) }
            mark.finish()
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
