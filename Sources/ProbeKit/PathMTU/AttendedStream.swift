import NetValues
import Observations
import Synchronization

/// A connection beside whose silence something else is tried. Until a read has brought nothing for `silence` it costs nothing: no task,
/// and no timer but the one that each read has anyway.
package final class AttendedStream: ByteStream {
    private let stream: any ByteStream
    private let time: any TimeSource
    private let silence: Duration
    private let trial: @Sendable () async -> [Fact]
    private let found = Mutex<[Fact]>([])

    /// So much the kernel takes of a write at once (the least of tcp_wmem's defaults): what is larger may wait for the peer.
    private static let mostBuffered = 16_384

    init(
        _ stream: any ByteStream, time: any TimeSource, silence: Duration,
        _ trial: @escaping @Sendable () async -> [Fact]
    ) {
        self.stream = stream
        self.time = time
        self.silence = silence
        self.trial = trial
    }

    /// What the trial came to. It counts only where the exchange came to no end.
    package var facts: [Fact] { found.withLock(\.self) }

    package func read(upTo count: Int, deadline: Instant) async throws(ProbeInterruption) -> StreamRead {
        let early = time.now() + silence
        guard early < deadline else { return try await stream.read(upTo: count, deadline: deadline) }
        let first = try await stream.read(upTo: count, deadline: early)
        guard case .end(.deadline) = first else { return first }
        return try await withCompanion({ await self.attend() }) { () throws(ProbeInterruption) in
            let read = try await stream.read(upTo: count, deadline: deadline)
            return (read, isCompanionWanted: read == .end(.deadline))
        }
    }

    package func write(_ bytes: [UInt8], deadline: Instant) async throws(ProbeInterruption) -> StreamEnd? {
        let early = time.now() + silence
        guard bytes.count > Self.mostBuffered, early < deadline else {
            return try await stream.write(bytes, deadline: deadline)
        }
        return try await withCompanion({
            guard (try? await self.time.sleep(until: early)) != nil else { return }
            await self.attend()
        }) { () throws(ProbeInterruption) in
            let end = try await stream.write(bytes, deadline: deadline)
            return (end, isCompanionWanted: end == .deadline)
        }
    }

    private func attend() async {
        let facts = await trial()
        found.withLock { $0 += facts }
    }

    package func close() async { await stream.close() }
    package func isAcknowledged() async -> Bool? { await stream.isAcknowledged() }
    package func progress() async -> StreamProgress? { await stream.progress() }
}
