import CLinux
import Glibc
import Observations

/// A system call that failed: which, and how. Made at once after the call, before errno can change.
package struct SystemCallFailure: Error, Hashable, Sendable {
    package let call: String
    package let code: Int32

    package init(_ call: StaticString, code: Int32 = errno) {
        self.call = call.description
        self.code = code
    }

    /// As our own inability to do `action`, with the fix for the causes that have one.
    package func inability(to action: String) -> Inability {
        let reason = "\(call): \(errnoText(code)) (\(errnoName(code)))"
        return switch code {
        case EMFILE:
            Inability(
                .noDescriptors, action: action, reason: reason,
                fix: "raise the limit of open files (ulimit -n) or lower limits.inFlight in the plan")
        case ENFILE:
            Inability(
                .noDescriptors, action: action, reason: reason,
                fix: "the machine is out of file descriptors (fs.file-max)")
        case ENOMEM, ENOBUFS:
            Inability(
                .noMemory, action: action, reason: reason,
                fix: "give the process more memory, or lower limits.inFlight in the plan")
        case EAGAIN where call == "pthread_create":
            Inability(
                .noMemory, action: action, reason: reason,
                fix:
                    "raise the limits of processes and of memory (ulimit -u, ulimit -v, pids.max and memory.max of the cgroup)"
            )
        case EPERM, EACCES:
            Inability(.notPermitted, action: action, reason: reason, fix: "run with the right that this needs")
        case EADDRNOTAVAIL, EINVAL:
            Inability(
                .addressUnavailable, action: action, reason: reason,
                fix: "use a source address that this host has (ip address)")
        default:
            Inability(.internalFault, action: action, reason: reason, fix: "please report this with the command line")
        }
    }
}

extension SystemCallFailure: CustomStringConvertible {
    package var description: String { "\(call): \(errnoText(code)) (\(errnoName(code)))" }
}

/// `ECONNREFUSED` for 111; `errno 999` for one that is not in the table.
package func errnoName(_ code: Int32) -> String {
    errnoNames[code] ?? "errno \(code)"
}

/// "Connection refused"
package func errnoText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

private let errnoNames: [Int32: String] = [
    EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", ENXIO: "ENXIO", EBADF: "EBADF", EAGAIN: "EAGAIN",
    ENOMEM: "ENOMEM", EACCES: "EACCES", EBUSY: "EBUSY", EEXIST: "EEXIST", ENODEV: "ENODEV", ENOTDIR: "ENOTDIR",
    EISDIR: "EISDIR", EINVAL: "EINVAL", ENFILE: "ENFILE", EMFILE: "EMFILE", EFBIG: "EFBIG", ENOSPC: "ENOSPC",
    EROFS: "EROFS", EPIPE: "EPIPE", ENOSYS: "ENOSYS", ENOTSOCK: "ENOTSOCK", EMSGSIZE: "EMSGSIZE", EPROTO: "EPROTO",
    ENOPROTOOPT: "ENOPROTOOPT", EPROTONOSUPPORT: "EPROTONOSUPPORT", EOPNOTSUPP: "EOPNOTSUPP",
    EAFNOSUPPORT: "EAFNOSUPPORT", EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL", ENETDOWN: "ENETDOWN",
    ENETUNREACH: "ENETUNREACH", ECONNABORTED: "ECONNABORTED", ECONNRESET: "ECONNRESET", ENOBUFS: "ENOBUFS",
    EISCONN: "EISCONN", ENOTCONN: "ENOTCONN", ETIMEDOUT: "ETIMEDOUT", ECONNREFUSED: "ECONNREFUSED",
    EHOSTDOWN: "EHOSTDOWN", EHOSTUNREACH: "EHOSTUNREACH", EALREADY: "EALREADY", EINPROGRESS: "EINPROGRESS",
]
