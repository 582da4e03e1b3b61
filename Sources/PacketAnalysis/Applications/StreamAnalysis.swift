import Observations
import Wire

/// The conversations of one protocol over TCP that are being read.
struct StreamAnalysis<Exchange: StreamExchange> {
    var books: Exchange.Books
    private var conversations: ConversationTable<StreamConversation<Exchange>>

    init(_ books: Exchange.Books, most: Int) {
        self.books = books
        conversations = ConversationTable(most: most)
    }

    mutating func begin(
        at place: StreamPosition, _ context: PayloadContext, _ early: inout EarlySegments,
        _ mark: inout ApplicationMark, _ room: inout PayloadRoom
    ) {
        let exchange = Exchange(
            a: context.isFromA ? context.source : context.destination,
            b: context.isFromA ? context.destination : context.source)
        var conversation = StreamConversation(exchange, Exchange.Reader(), at: place, isFromA: context.isFromA)
        early.release(context.flow, into: &conversation)
        let (kept, evicted) = conversations.insert(conversation)
        mark.stage = Exchange.stage
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
        // A conversation that gave way to another one is not there any more.
        guard var conversation = conversations.take(mark.place) else {
            mark.finish()
            return nil
        }
        let held = conversation.heldBytes
        let wasNamed = conversation.exchange.name != nil
        if conversation.take(payload, at: place, context, &books) {
            conversation.exchange.noteNewBytes(isFromA: context.isFromA, at: context.frame.time)
        }
        let name = wasNamed ? nil : conversation.exchange.name
        let isOver = !room.exchange(held, for: conversation.heldBytes) || conversation.exchange.isOver
        if isOver || conversation.fromA.isDone { mark.finish(fromA: true) }
        if isOver || conversation.fromB.isDone { mark.finish(fromA: false) }
        if isOver || (conversation.fromA.isDone && conversation.fromB.isDone) {
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
