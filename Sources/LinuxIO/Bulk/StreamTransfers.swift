import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Synchronization

/// Fills TCP streams. One thread for all of them: as many as are asked for do not make it faster, but show whether they would.
struct StreamSending {
    private let sockets: [OwnedSocket]
    private let course: BulkCourse
    private let flags: BulkFlags
    private var ledger: BulkLedger
    private let buffer: [UInt8]

    /// As iperf3's: larger ones fall out of the processor's cache before the kernel has copied them, and cost a fifth more.
    private static let chunk = 128 << 10
    /// Writes to one stream before the next has its turn.
    private static let turn = 8
    private static let mostPacing: Int32 = 47

    init(_ sockets: [OwnedSocket], _ course: BulkCourse, _ flags: BulkFlags) {
        self.sockets = sockets
        self.course = course
        self.flags = flags
        ledger = BulkLedger(sockets, course, isStream: true)
        buffer = Self.noise
    }

    /// No zeros: what compresses on the way would make the way look wider. Marsaglia's xorshift, since the other end waits meanwhile.
    private static let noise: [UInt8] = {
        var bytes = [UInt8](repeating: 0, count: chunk)
        var word = UInt64.random(in: 1 ... .max)
        bytes.withUnsafeMutableBytes { bytes in
            for place in stride(from: 0, to: bytes.count, by: 8) {
                word ^= word << 13
                word ^= word >> 7
                word ^= word << 17
                bytes.storeBytes(of: word, toByteOffset: place, as: UInt64.self)
            }
        }
        return bytes
    }()

    mutating func run() -> BulkOutcome {
        prepare()
        ledger.begin(at: .now)
        var readiness = Readiness(sockets, for: POLLOUT)
        while true {
            let now = Instant.now
            ledger.tick(at: now)
            if flags.mustEnd {
                let outcome = ledger.outcome(.halted, at: now)
                finish()
                return outcome
            }
            if let end = ledger.end, now >= end { return ledger.outcome(.span, at: now) }
            if ledger.total >= course.bytes {
                if ledger.isAllAcknowledged { return ledger.outcome(.bytes, at: now) }
                usleep(1000)
                continue
            }
            readiness.wait(until: min(ledger.end ?? now, ledger.nextTick ?? now))
            for index in sockets.indices where readiness.isReady(index) {
                if let end = fill(index) { return ledger.outcome(end, at: .now) }
            }
        }
    }

    /// iperf3 reads whole blocks, and goes on reading when the test is over: without an end of the stream it would wait for the rest of
    /// a block that never comes.
    private func finish() {
        for socket in sockets { _ = shutdown(socket.descriptor, Int32(SHUT_WR)) }
    }

    /// What waits unsent is bounded by the kernel alone, which lets it grow with the window (tcp(7), tcp_wmem): a limit of ours would run
    /// dry while others have the processor, and the path would look narrower. `close` throws the rest away.
    private func prepare() {
        guard let rate = course.rate else { return }
        for socket in sockets {
            // Bytes a second, of each stream; TCP spaces its segments by itself since Linux 4.13.
            var pacing = UInt64(max(1000, rate / 8 / max(1, sockets.count)))
            _ = setsockopt(
                socket.descriptor, SOL_SOCKET, Self.mostPacing, &pacing, socklen_t(MemoryLayout<UInt64>.size))
        }
    }

    private mutating func fill(_ index: Int) -> BulkOutcome.End? {
        for _ in 0..<Self.turn {
            let count = min(buffer.count, course.bytes - ledger.total)
            guard count > 0 else { return nil }
            // SAFETY: the pointer is used within the call only, and count is at most the buffer's.
            let sent = buffer.withUnsafeBytes {
                Glibc.send(sockets[index].descriptor, $0.baseAddress, count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard sent > 0 else {
                switch errno {
                case EAGAIN, EINTR, ENOBUFS: return nil
                case let code: return .failed(sockets[index].failure(code))
                }
            }
            ledger.streams[index].bytes += sent
            ledger.total += sent
            if sent < count { return nil }
        }
        return nil
    }
}

/// Empties TCP streams without copying what they carry (tcp(7), MSG_TRUNC).
struct StreamReceiving {
    private let sockets: [OwnedSocket]
    private let course: BulkCourse
    private let flags: BulkFlags
    private var ledger: BulkLedger
    private var isOpen: [Bool]

    private static let chunk = 4 << 20
    private static let turn = 8
    /// So many bytes make it worth to wake up; what is less is taken at the next look.
    private static let lowWater: Int32 = 128 << 10
    private static let longestDrain = Duration.seconds(15)

    init(_ sockets: [OwnedSocket], _ course: BulkCourse, _ flags: BulkFlags) {
        self.sockets = sockets
        self.course = course
        self.flags = flags
        ledger = BulkLedger(sockets, course, isStream: true)
        isOpen = Array(repeating: true, count: sockets.count)
    }

    mutating func run() -> BulkOutcome {
        for socket in sockets { try? socket.set(SOL_SOCKET, SO_RCVLOWAT, to: Self.lowWater) }
        let patience = Instant.now + course.patience
        var readiness = Readiness(sockets, for: POLLIN)
        while true {
            let now = Instant.now
            ledger.tick(at: now)
            if flags.mustEnd { return ledger.outcome(.halted, at: now) }
            if now >= ledger.end ?? patience { return ledger.outcome(.span, at: now) }
            if ledger.total >= course.bytes { return ledger.outcome(.bytes, at: now) }
            readiness.wait(until: min(ledger.end ?? patience, ledger.nextTick ?? patience))
            // Also those below the low water: once in a while all is taken.
            for index in sockets.indices where isOpen[index] {
                if let end = take(index) { return ledger.outcome(end, at: .now) }
            }
            if !isOpen.contains(true) { return ledger.outcome(.closed, at: .now) }
        }
    }

    private mutating func take(_ index: Int) -> BulkOutcome.End? {
        for _ in 0..<Self.turn {
            // What is asked for is counted to the byte; what comes behind it is drained.
            let most = min(Self.chunk, course.bytes - ledger.total)
            guard most > 0 else { return nil }
            // SAFETY: of TCP with MSG_TRUNC nothing is written, and no buffer needed.
            let count = recv(sockets[index].descriptor, nil, most, Int32(MSG_TRUNC | MSG_DONTWAIT))
            if count == 0 {
                isOpen[index] = false
                return nil
            }
            guard count > 0 else {
                switch errno {
                case EAGAIN, EINTR: return nil
                case let code: return .failed(sockets[index].failure(code))
                }
            }
            if ledger.begin == nil { ledger.begin(at: .now) }
            ledger.streams[index].bytes += count
            ledger.total += count
        }
        return nil
    }

    /// Until the streams are closed: a sender that nobody reads would block.
    mutating func drain() {
        let end = Instant.now + Self.longestDrain
        var readiness = Readiness(sockets, for: POLLIN)
        while !flags.isClosed.load(ordering: .relaxed), Instant.now < end {
            readiness.wait(until: end)
            for index in sockets.indices where isOpen[index] && !discard(index) { isOpen[index] = false }
            if !isOpen.contains(true) { return }
        }
    }

    /// - Returns: false when nothing more will come.
    private func discard(_ index: Int) -> Bool {
        // SAFETY: of TCP with MSG_TRUNC nothing is written, and no buffer needed.
        let count = recv(sockets[index].descriptor, nil, Self.chunk, Int32(MSG_TRUNC | MSG_DONTWAIT))
        return count > 0 || count < 0 && (errno == EAGAIN || errno == EINTR)
    }
}
