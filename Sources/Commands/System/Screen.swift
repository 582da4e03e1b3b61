import CLinux
import Glibc
import LinuxIO
import NetValues
import Synchronization

/// The whole terminal, for a view that is drawn again and again and given back at its end, however that comes: at the end of the
/// run, by a signal, by a crash. One at a time.
final class Screen: Sendable {
    enum Event: Hashable, Sendable {
        /// What a person typed, as the terminal sends it.
        case input([UInt8])
        /// Its size is another one, or somebody else has drawn on it: all is to be drawn again.
        case changed
        /// The process was stopped (Ctrl-Z), and goes on.
        case stopped(from: Instant, to: Instant)
        /// `wake()` was called.
        case woken
    }

    /// Standard output is a terminal that obeys control sequences, and a person is there.
    static var isPossible: Bool {
        guard Terminal.isTerminal(StandardStream.output), let kind = Terminal.environment("TERM") else { return false }
        return !kind.isEmpty && kind != "dumb" && Terminal.size(of: StandardStream.output) != nil
    }

    private let keys: Int32?
    /// What signals and `wake` have to tell.
    private let notices: Int32
    private let drawn = Mutex<[String]>([])
    private let isGone = Atomic(false)

    private static let output = StandardStream.output

    /// Takes the terminal.
    init() throws(SystemCallFailure) {
        // Of a command whose input comes from elsewhere the person's keys still come from the terminal.
        if Terminal.isTerminal(STDIN_FILENO) {
            keys = STDIN_FILENO
        } else {
            let own = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)
            keys = own >= 0 ? own : nil
        }
        notices = leadsman_terminal_take(Self.output)
        guard notices >= 0 else { throw SystemCallFailure("tcgetattr", code: -notices) }
    }

    deinit {
        leave()
        if let keys, keys != STDIN_FILENO { close(keys) }
    }

    /// Gives the terminal back as it was. Nothing is drawn any more; to be called from any thread, and more than once.
    func leave() {
        if !isGone.exchange(true, ordering: .sequentiallyConsistent) { leadsman_terminal_give_back() }
    }

    /// Ends a `wait` at once, from any thread.
    func wake() {
        leadsman_terminal_wake()
    }

    /// Columns and rows; 80 by 24 where the terminal does not say.
    var size: (columns: Int, rows: Int) { Terminal.size(of: Self.output) ?? (80, 24) }

    /// What happened until `deadline`; nothing when that came first. Blocks the calling thread.
    func wait(until deadline: Instant) -> [Event] {
        var ready = [pollfd(fd: notices, events: Int16(POLLIN), revents: 0)]
        if let keys { ready.append(pollfd(fd: keys, events: Int16(POLLIN), revents: 0)) }
        let patience = max(0, min((deadline - .now).milliseconds.rounded(.up), 60_000))
        guard poll(&ready, nfds_t(ready.count), Int32(patience)) > 0 else { return [] }
        var events: [Event] = []
        if ready[0].revents != 0 { events += takeNotices() }
        if ready.count > 1, ready[1].revents != 0, let keys {
            let bytes = Self.bytes(from: keys)
            // A terminal that hung up is readable and has nothing; waiting for it would go round and round.
            if bytes.isEmpty { pause() } else { events.append(.input(bytes)) }
        }
        return events
    }

    private func pause() {
        _ = poll(nil, 0, 50)
    }

    private func takeNotices() -> [Event] {
        var events: [Event] = []
        for byte in Self.bytes(from: notices) {
            switch Int(byte) {
            case LEADSMAN_TERMINAL_STOP:
                if isGone.load(ordering: .sequentiallyConsistent) { continue }
                let beginning = Instant.now
                leadsman_terminal_stop()
                events += [.stopped(from: beginning, to: .now), .changed]
            case LEADSMAN_TERMINAL_CONTINUED:
                leadsman_terminal_retake()
                events.append(.changed)
            case LEADSMAN_TERMINAL_RESIZED: events.append(.changed)
            default: events.append(.woken)
            }
        }
        if events.contains(.changed) { drawn.withLock { $0 = [] } }
        return events
    }

    private static func bytes(from descriptor: Int32) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &buffer, buffer.count)
        return count > 0 ? Array(buffer.prefix(count)) : []
    }

    /// Shows these lines, which must not be wider than the screen. Only those that are others than before are written: over a slow
    /// connection too the rest stands still.
    func draw(_ lines: [String]) throws(WriteFailure) {
        let text = drawn.withLock { before -> String in
            var text = ""
            for (row, line) in lines.enumerated() where row >= before.count || before[row] != line {
                text += "\u{1b}[\(row + 1);1H\(line)\u{1b}[K"
            }
            if lines.count < before.count || before.isEmpty { text += "\u{1b}[\(lines.count + 1);1H\u{1b}[J" }
            before = lines
            return text
        }
        guard !text.isEmpty, !isGone.load(ordering: .sequentiallyConsistent) else { return }
        try writeAll(text, to: Self.output)
    }
}
