/// What this process may do (capabilities(7), packet(7), raw(7), icmp(7)); found by trying and closing again at once.
package struct VantageRights: Hashable, Sendable {
    /// `cap_net_raw`, in the order of their numbers; nil where /proc/self/status cannot be read.
    package var effective: [String]?
    /// What a program that this one starts could have at the most.
    package var bounding: [String]?
    package var pingSocket: SocketRight?
    package var pingSocketIPv6: SocketRight?
    package var rawSocket: SocketRight?
    package var packetSocket: SocketRight?
    /// seccomp filters system calls (/proc/self/status, Seccomp 2).
    package var isFiltered: Bool?
    /// Effective user.
    package var user: Int?

    package init() {}

    package enum SocketRight: Hashable, Sendable {
        case granted
        /// With the name of the error: `EPERM`.
        case denied(String)

        package var isGranted: Bool { self == .granted }
    }
}
