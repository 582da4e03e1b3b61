import CLinux
import Glibc
import NetValues
import Observations
import ProbeKit
import Wire

/// Sends numbered datagrams at a rate, several by one call where the kernel cuts them itself (udp(7), UDP_SEGMENT, Linux 4.18).
struct DatagramSending {
    private let sockets: [OwnedSocket]
    private let course: BulkCourse
    private let flags: BulkFlags
    private var ledger: BulkLedger
    private var buffer: [UInt8]
    private var numbers: [UInt64]
    /// Datagrams by one call.
    private var batch: Int
    private let length: Int
    private var turn = 0

    private static let segment: Int32 = 103
    private static let protocolUDP: Int32 = 17
    /// The kernel's own limits: UDP_MAX_SEGMENTS, and what one IP packet holds.
    private static let mostSegments = 64
    private static let mostBytes = 65_000
    private static let leastSleep = Duration.microseconds(200)

    init(_ sockets: [OwnedSocket], _ course: BulkCourse, _ flags: BulkFlags) {
        self.sockets = sockets
        self.course = course
        self.flags = flags
        length = min(max(course.length, IperfDatagram.headerLength(wide: course.isWide)), 65_507)
        ledger = BulkLedger(sockets, course, isStream: false)
        batch = max(1, min(Self.mostSegments, Self.mostBytes / length))
        buffer = (0..<batch * length).map { UInt8(truncatingIfNeeded: $0 &* 167) }
        numbers = Array(repeating: 0, count: sockets.count)
        if batch > 1 {
            for socket in sockets {
                do { try socket.set(Self.protocolUDP, Self.segment, to: Int32(length)) } catch { batch = 1 }
            }
        }
    }

    mutating func run() -> BulkOutcome {
        ledger.begin(at: .now)
        var pacing = course.rate.map { DatagramPacing(rate: $0, length: length, from: .now) }
        while true {
            let now = Instant.now
            ledger.tick(at: now)
            if flags.mustEnd { return ledger.outcome(.halted, at: now) }
            if let end = ledger.end, now >= end { return ledger.outcome(.span, at: now) }
            if ledger.total >= course.bytes { return ledger.outcome(.bytes, at: now) }
            let left = (course.bytes - ledger.total + length - 1) / length
            var count = min(batch, left)
            if let allowed = pacing?.allowance(at: now, most: count) { count = allowed }
            if count == 0, let next = pacing?.next {
                // Several sleeps where the next is far away, so that a halt is soon seen.
                let span = min(max(next - now, Self.leastSleep), .milliseconds(20))
                usleep(UInt32(clamping: span.nanoseconds / 1000))
                continue
            }
            switch send(count) {
            case .sent(let sent): pacing?.note(sent: sent)
            case .full: usleep(100)
            case .failed(let failure): return ledger.outcome(.failed(failure), at: .now)
            }
        }
    }

    private enum Dispatch {
        case sent(Int)
        case full
        case failed(SocketFailure)
    }

    /// On the next of the streams.
    private mutating func send(_ count: Int) -> Dispatch {
        turn = (turn + 1) % sockets.count
        let stamp = WallTime.now.nanoseconds
        Self.number(&buffer, count, of: length, from: numbers[turn], stamp, wide: course.isWide)
        // SAFETY: the pointer is used within the call only; count is at most the batch, for which the buffer is made.
        let sent = buffer.withUnsafeBytes {
            Glibc.send(
                sockets[turn].descriptor, $0.baseAddress, count * length,
                Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        if sent == count * length {
            numbers[turn] += UInt64(count)
            ledger.streams[turn].tally.sent += count
            ledger.streams[turn].bytes += sent
            ledger.total += sent
            return .sent(count)
        }
        switch errno {
        case EAGAIN, ENOBUFS, EINTR: return .full
        // The path, or a device without checksums of its own, does not take them cut by the kernel.
        case EMSGSIZE, EIO, EINVAL:
            guard batch > 1 else { return .failed(sockets[turn].failure(errno)) }
            batch = 1
            for socket in sockets { try? socket.set(Self.protocolUDP, Self.segment, to: 0) }
            return .full
        case let code: return .failed(sockets[turn].failure(code))
        }
    }

    private static func number(
        _ buffer: inout [UInt8], _ count: Int, of length: Int, from number: UInt64, _ stamp: Int64, wide: Bool
    ) {
        var bytes = buffer.mutableSpan
        for place in 0..<count {
            IperfDatagram(sentAt: stamp, number: number + UInt64(place) + 1)
                .write(to: &bytes, at: place * length, wide: wide)
        }
    }
}

/// Counts numbered datagrams; of each only its head is copied.
struct DatagramReceiving {
    private let sockets: [OwnedSocket]
    private let course: BulkCourse
    private let flags: BulkFlags
    private var ledger: BulkLedger
    private var heads: [leadsman_datagram]
    private var buffer: [UInt8]

    private static let most = 64
    private static let room: Int32 = 8 << 20

    init(_ sockets: [OwnedSocket], _ course: BulkCourse, _ flags: BulkFlags) {
        self.sockets = sockets
        self.course = course
        self.flags = flags
        ledger = BulkLedger(sockets, course, isStream: false)
        heads = [leadsman_datagram](repeating: leadsman_datagram(), count: Self.most)
        buffer = [UInt8](repeating: 0, count: Self.most * IperfDatagram.mostHeader)
        for socket in sockets {
            // What our own queue has no room for would count as lost on the way.
            do { try socket.set(SOL_SOCKET, SO_RCVBUFFORCE, to: Self.room) } catch {
                try? socket.set(SOL_SOCKET, SO_RCVBUF, to: Self.room)
            }
            try? socket.set(SOL_SOCKET, SO_TIMESTAMPNS, to: 1)
        }
    }

    mutating func run() -> BulkOutcome {
        let patience = Instant.now + course.patience
        var readiness = Readiness(sockets, for: POLLIN)
        while true {
            let now = Instant.now
            ledger.tick(at: now)
            if flags.mustEnd { return ledger.outcome(.halted, at: now) }
            if now >= ledger.end ?? patience { return ledger.outcome(.span, at: now) }
            if ledger.total >= course.bytes { return ledger.outcome(.bytes, at: now) }
            readiness.wait(until: min(ledger.end ?? patience, ledger.nextTick ?? patience))
            for index in sockets.indices where readiness.isReady(index) {
                if let failure = take(index) { return ledger.outcome(.failed(failure), at: .now) }
            }
        }
    }

    private mutating func take(_ index: Int) -> SocketFailure? {
        let code = leadsman_receive_heads(
            sockets[index].descriptor, &heads, &buffer, UInt32(IperfDatagram.mostHeader), UInt32(Self.most))
        if code < 0 { return sockets[index].failure(-code) }
        guard code > 0 else { return nil }
        ledger.begin(at: .now)
        let wall = WallTime.now.nanoseconds
        for place in 0..<Int(code) {
            let start = place * IperfDatagram.mostHeader
            let length = Int(heads[place].length)
            let end = start + min(length, IperfDatagram.mostHeader)
            let datagram = IperfDatagram(buffer.span.extracting(start..<end), wide: course.isWide)
            guard let datagram else { continue }
            let stamp = heads[place].received_realtime_ns
            let isNew = ledger.streams[index].tally.add(datagram, receivedAt: stamp > 0 ? stamp : wall)
            // A copy carries nothing.
            guard isNew else { continue }
            ledger.streams[index].bytes += length
            ledger.total += length
        }
        return nil
    }
}
