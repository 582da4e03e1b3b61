import CLinux
import Glibc
import LinuxIO
import Observations

/// What this process may do: from /proc/self/status, and by trying.
enum ProcessRights {
    /// - Parameter status: the text of /proc/self/status.
    static func read(status: String?) -> VantageRights {
        var rights = VantageRights()
        if let status {
            rights.effective = field("CapEff:", of: status).flatMap(names(ofMask:))
            rights.bounding = field("CapBnd:", of: status).flatMap(names(ofMask:))
            rights.isFiltered = field("Seccomp:", of: status).map { $0 == "2" }
        }
        rights.user = Int(geteuid())
        rights.pingSocket = attempt(AF_INET, SOCK_DGRAM, Int32(IPPROTO_ICMP))
        rights.pingSocketIPv6 = attempt(AF_INET6, SOCK_DGRAM, Int32(IPPROTO_ICMPV6))
        rights.rawSocket = attempt(AF_INET, SOCK_RAW, Int32(IPPROTO_ICMP))
        rights.packetSocket = packetSocket
        return rights
    }

    /// Tried once: closing one waits until no processor looks at it any more (packet_release in net/packet/af_packet.c), some 10 ms. Of no
    /// protocol it receives nothing.
    private static let packetSocket = attempt(AF_PACKET, SOCK_RAW, 0)

    static func field(_ name: String, of status: String) -> Substring? {
        status.split(separator: "\n").first { $0.hasPrefix(name) }
            .map { $0.dropFirst(name.count).drop { $0 == "\t" || $0 == " " } }
    }

    private static func attempt(_ family: Int32, _ type: __socket_type, _ number: Int32) -> VantageRights.SocketRight {
        let descriptor = socket(family, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), number)
        guard descriptor >= 0 else { return .denied(errnoName(errno)) }
        close(descriptor)
        return .granted
    }

    /// A bit for each of linux/capability.h.
    private static func names(ofMask text: Substring) -> [String]? {
        UInt64(text, radix: 16).map { mask in
            (0..<64).filter { mask >> UInt64($0) & 1 == 1 }.map {
                $0 < capabilities.count ? "cap_\(capabilities[$0])" : "cap_\($0)"
            }
        }
    }

    private static let capabilities = [
        "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
        "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
        "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
        "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
        "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
        "checkpoint_restore",
    ]
}
