import Foundation

/// What the lab needs of this machine, tried once.
enum LabRights {
    /// Nil when this builder can make labs, otherwise why not.
    static func obstacle(_ builder: LabBuilder) -> String? {
        switch builder {
        case .root: asRoot
        case .user: asUser
        }
    }

    private static let tools: String? = {
        for tool in ["ip", "nft", "timeout", "setpriv", "unshare", "nsenter", "openssl"] where path(of: tool) == nil {
            return "the lab needs `\(tool)` (apt-get install iproute2 nftables coreutils util-linux openssl)"
        }
        guard FileManager.default.isExecutableFile(atPath: LabFiles.python) else {
            return "the lab needs \(LabFiles.python) (apt-get install python3)"
        }
        return LabFiles.relay == nil ? "there is no lab-relay beside this program" : nil
    }()

    private static let asRoot: String? = {
        if let tools { return tools }
        guard geteuid() == 0 else { return "making network namespaces without a user namespace needs root" }
        return attempt(.root)
    }()

    private static let asUser: String? = {
        if let tools { return tools }
        guard let obstacle = attempt(.user) else { return nil }
        let settings = [
            "kernel/unprivileged_userns_clone": "0", "user/max_user_namespaces": "0",
            "kernel/apparmor_restrict_unprivileged_userns": "1",
        ]
        let closed = settings.filter { setting, value in
            let text = FileManager.default.contents(atPath: "/proc/sys/\(setting)") ?? Data()
            return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) == value
        }
        guard let setting = closed.keys.min(), let value = closed[setting] else { return obstacle }
        return "user namespaces are not permitted (/proc/sys/\(setting) is \(value)): \(obstacle)"
    }()

    private static func attempt(_ builder: LabBuilder) -> String? {
        let script = """
            mount -t tmpfs lab /run && mkdir /run/netns && ip netns add try &&
            nsenter --net=/run/netns/try sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit && nft add table inet lab'
            """
        guard let run = try? Tool.run(World.unsharing(builder) + ["sh", "-c", script], seconds: 10) else {
            return "a program cannot be started"
        }
        guard run.status != 0 else { return nil }
        let said = run.errors.split(separator: "\n").joined(separator: "; ")
        return "namespaces with networks and filters cannot be made here: \(said)"
    }

    static func path(of tool: String) -> String? {
        ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { "\($0)/\(tool)" }
            .first(where: FileManager.default.isExecutableFile(atPath:))
    }
}
