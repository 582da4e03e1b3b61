import Wire

/// Reads one direction of a stream, in order.
protocol StreamReading {
    associatedtype Event

    init()

    /// The next thing in the bytes, reading on from `position`; nil when they are used up.
    mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) -> Event?
    /// Bytes are missing here.
    mutating func lose() -> Event?
    /// So many of the next bytes need not be shown; asking counts them as passed.
    mutating func passable() -> Int64

    var isAtEnd: Bool { get }
    /// Bytes were missing, and it looks for a place to go on.
    var isLost: Bool { get }
    var heldBytes: Int { get }
}

extension TLSStreamReader: StreamReading {
    mutating func passable() -> Int64 { 0 }
    var isLost: Bool { false }
}

extension HTTPStreamReader: StreamReading {}

/// What both directions of a stream have to do with each other.
protocol StreamExchange {
    associatedtype Reader: StreamReading
    /// What is counted over all streams.
    associatedtype Books

    static var stage: ApplicationMark.Stage { get }

    init(a: PacketEndpoint, b: PacketEndpoint)

    /// The server's, as the client calls it; nil while unknown.
    var name: String? { get }
    /// Nothing that follows is of this protocol.
    var isOver: Bool { get }

    mutating func take(
        _ event: Reader.Event, from reader: inout Reader, isFromA: Bool, at moment: PacketMoment, _ books: inout Books)
    /// Bytes of a direction were not captured, and what they said is not known.
    mutating func lose(isFromA: Bool, _ books: inout Books)
    /// A segment brought bytes of this side that were not on the wire before.
    mutating func noteNewBytes(isFromA: Bool, at time: Int64)
    /// What waits for an answer will not be seen to get one.
    mutating func abandon(_ books: inout Books)
    /// Whether a message of this side may begin now, so that what looks like one after a loss is believed.
    func mayResume(isFromA: Bool) -> Bool
}

/// One direction of a stream: its bytes put into order and read.
struct StreamDirection<Exchange: StreamExchange> {
    private(set) var order: StreamOrder
    var reader: Exchange.Reader
    let isFromA: Bool

    init(_ reader: Exchange.Reader, from place: UInt32, isFromA: Bool) {
        order = StreamOrder(from: place)
        self.reader = reader
        self.isFromA = isFromA
    }

    var isDone: Bool { reader.isAtEnd }
    var heldBytes: Int { order.heldBytes + reader.heldBytes }

    /// - Parameter length: on the wire; the payload may be shorter.
    /// - Returns: whether the segment brought bytes that were not on the wire before.
    mutating func take(
        _ payload: Span<UInt8>, length: Int, at place: UInt32, _ moment: PacketMoment, _ exchange: inout Exchange,
        _ books: inout Exchange.Books
    ) -> Bool {
        let isNew = order.advances(to: place, length: length)
        while !reader.isAtEnd {
            switch order.arrival(place, length: length) {
            case .old: return isNew
            case .next(let known):
                let dropped = min(known, payload.count)
                let rest = payload.extracting(dropped..<payload.count)
                deliver(rest, length: length - known, moment, &exchange, &books)
                drain(&exchange, &books)
                return isNew
            case .ahead:
                if order.keep(payload, place, length: length, moment) { return isNew }
                giveUp(before: place, &exchange, &books, moment)
            }
        }
        order.forget()
        return isNew
    }

    /// A segment that is ahead, from before the reading began.
    mutating func keep(_ payload: Span<UInt8>, length: Int, at place: UInt32, _ moment: PacketMoment) {
        guard order.arrival(place, length: length) == .ahead else { return }
        _ = order.keep(payload, place, length: length, moment)
    }

    /// The other side has acknowledged so much: what it knows and we do not was not captured.
    mutating func noteAcknowledged(
        _ acknowledged: UInt32, _ moment: PacketMoment, _ exchange: inout Exchange, _ books: inout Exchange.Books
    ) {
        guard order.isHoleAcknowledged(acknowledged) else { return }
        giveUp(before: acknowledged, &exchange, &books, moment)
    }

    private mutating func giveUp(
        before place: UInt32, _ exchange: inout Exchange, _ books: inout Exchange.Books, _ moment: PacketMoment
    ) {
        lose(moment, &exchange, &books)
        order.giveUp(before: place)
        drain(&exchange, &books)
    }

    private mutating func drain(_ exchange: inout Exchange, _ books: inout Exchange.Books) {
        while !reader.isAtEnd, let ready = order.takeReady() {
            deliver(ready.bytes.span, length: ready.length, ready.moment, &exchange, &books)
        }
    }

    private mutating func deliver(
        _ bytes: Span<UInt8>, length: Int, _ moment: PacketMoment, _ exchange: inout Exchange,
        _ books: inout Exchange.Books
    ) {
        guard !reader.isLost || exchange.mayResume(isFromA: isFromA) else { return order.advance(by: length) }
        var position = 0
        while let event = reader.next(bytes, &position) {
            exchange.take(event, from: &reader, isFromA: isFromA, at: moment, &books)
        }
        let passed = reader.passable()
        order.advance(by: length, passing: max(0, passed - Int64(length - bytes.count)))
        if bytes.count < length, passed < Int64(length - bytes.count) { lose(moment, &exchange, &books) }
    }

    private mutating func lose(_ moment: PacketMoment, _ exchange: inout Exchange, _ books: inout Exchange.Books) {
        guard !reader.isAtEnd else { return }
        if let event = reader.lose() {
            exchange.take(event, from: &reader, isFromA: isFromA, at: moment, &books)
        }
        exchange.lose(isFromA: isFromA, &books)
    }
}

/// Both directions of a stream.
struct StreamConversation<Exchange: StreamExchange> {
    private(set) var fromA: StreamDirection<Exchange>
    private(set) var fromB: StreamDirection<Exchange>
    var exchange: Exchange

    /// Begins with a segment: what either side said before it is of no interest.
    init(_ exchange: Exchange, _ reader: Exchange.Reader, at place: StreamPosition, isFromA: Bool) {
        self.exchange = exchange
        fromA = StreamDirection(reader, from: isFromA ? place.offset : place.acknowledged, isFromA: true)
        fromB = StreamDirection(reader, from: isFromA ? place.acknowledged : place.offset, isFromA: false)
    }

    var heldBytes: Int { fromA.heldBytes + fromB.heldBytes }

    mutating func keep(
        _ payload: Span<UInt8>, length: Int, at place: UInt32, _ moment: PacketMoment, isFromA: Bool
    ) {
        if isFromA {
            fromA.keep(payload, length: length, at: place, moment)
        } else {
            fromB.keep(payload, length: length, at: place, moment)
        }
    }

    /// - Returns: whether the segment brought bytes that were not on the wire before.
    mutating func take(
        _ payload: Span<UInt8>, at place: StreamPosition, _ context: PayloadContext, _ books: inout Exchange.Books
    ) -> Bool {
        let moment = PacketMoment(frame: context.frame.number, time: context.frame.time)
        if context.isFromA {
            fromB.noteAcknowledged(place.acknowledged, moment, &exchange, &books)
            return fromA.take(payload, length: context.length, at: place.offset, moment, &exchange, &books)
        }
        fromA.noteAcknowledged(place.acknowledged, moment, &exchange, &books)
        return fromB.take(payload, length: context.length, at: place.offset, moment, &exchange, &books)
    }
}
