/// Opens once; who waits goes on then, or when its task is cancelled. For one to wait at.
struct Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    }

    func open() {
        continuation.finish()
    }

    func wait() async {
        for await _ in stream {}
    }
}

/// Of a check that runs beside others: when those may start, and when it may end.
struct CompanyGates: Sendable {
    let begun = Gate()
    let over = Gate()
}
