import Observations
import ProbeKit
import Synchronization

/// The connections that came about, held until all are closed together.
final class HeldStreams: Sendable {
    private struct State {
        var streams: [(index: Int, stream: any ByteStream)] = []
        var interruption: ProbeInterruption?
    }

    private let state = Mutex(State())

    func hold(_ stream: any ByteStream, _ index: Int) {
        state.withLock { $0.streams.append((index, stream)) }
    }

    /// Of the one that was started last.
    var last: (any ByteStream)? { state.withLock { $0.streams.max { $0.index < $1.index }?.stream } }

    /// Why no more are to be opened: of several reasons our own inability, which others only follow.
    var interruption: ProbeInterruption? { state.withLock { $0.interruption } }

    func stop(_ reason: ProbeInterruption) {
        state.withLock { state in
            if state.interruption == nil || state.interruption == .cancelled { state.interruption = reason }
        }
    }

    /// In good order, by FIN. Also in a task that is cancelled.
    func closeAll() async {
        let streams = state.withLock { state in
            defer { state.streams = [] }
            return state.streams
        }
        for (_, stream) in streams { await stream.close() }
    }
}
