import CLinux
import Glibc
import LinuxIO
import NetValues
import Wire

/// Asks rtnetlink(7) for lists. No right is needed to read; the answers are of the process's own network namespace.
struct NetlinkSocket: ~Copyable {
    /// Why a list could not be had.
    struct Refusal: Error {
        let reason: String
    }

    private let descriptor: Int32
    private var buffer: [UInt8]
    private var sequence: UInt32 = 0

    init() throws(Refusal) {
        descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Refusal(reason: SystemCallFailure("socket").description) }
        // The kernel fills what is there at once; only a sandbox that imitates it may never answer.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        // The kernel's own largest piece of a list (NLMSG_GOODSIZE, 32 KiB) fits.
        buffer = [UInt8](repeating: 0, count: 65_536)
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Hands over each entry, with the bytes that it lies in. What came before a refusal has been handed over.
    /// - Returns: whether the list may lack entries, since it changed while it was told, or was longer than anyone waits for.
    mutating func list(
        _ subject: NetlinkDumpRequest.Subject, family: IPAddress.Family? = nil,
        each: (Span<UInt8>, Range<Int>) -> Void
    ) throws(Refusal) -> Bool {
        sequence += 1
        let request = NetlinkDumpRequest(subject, family: family, sequence: sequence).bytes
        guard send(descriptor, request, request.count, 0) == request.count else {
            throw Refusal(reason: SystemCallFailure("send").description)
        }
        var wasInterrupted = false
        for _ in 0..<Self.mostDatagrams {
            let count = try receive()
            let bytes = buffer.span.extracting(0..<count)
            var messages = NetlinkMessages()
            while let message = messages.next(in: bytes) {
                guard message.sequence == sequence else { continue }
                if message.flags & NetlinkMessages.interrupted != 0 { wasInterrupted = true }
                switch message.type {
                case NetlinkMessages.done:
                    try Self.fail(with: NetlinkMessages.failure(message, in: bytes))
                    return wasInterrupted
                case NetlinkMessages.error: try Self.fail(with: NetlinkMessages.failure(message, in: bytes) ?? EPROTO)
                case subject.answer: each(bytes, message.body)
                default: break
                }
            }
        }
        return true
    }

    /// 128 MiB of entries: a million routes.
    private static let mostDatagrams = 4096

    private mutating func receive() throws(Refusal) -> Int {
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return min(count, buffer.count) }
            let failure = SystemCallFailure("recv", code: count == 0 ? EPROTO : errno)
            guard failure.code == EINTR else { throw Refusal(reason: failure.description) }
        }
    }

    private static func fail(with code: Int32?) throws(Refusal) {
        guard let code, code != 0 else { return }
        throw Refusal(reason: "netlink answered \(errnoName(code))")
    }
}
