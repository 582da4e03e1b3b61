import Foundation

extension LabDaemon {
    /// Where Scripts/setup --tests unpacks what it fetches; nothing of it is installed, so that nothing of it starts by itself.
    private static let tools =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .path + "/.build-tools"

    var program: String? {
        let unpacked = ["usr/sbin", "usr/bin"].map { "\(Self.tools)/\($0)/\(rawValue)" }
        return unpacked.first(where: FileManager.default.isExecutableFile(atPath:)) ?? LabRights.path(of: rawValue)
    }

    /// Nil when it can be started, otherwise why not.
    func obstacle(_ builder: LabBuilder) -> String? {
        guard let program else {
            return "\(rawValue) is neither installed nor in \(Self.tools) (Scripts/setup --tests)"
        }
        return builder == .root || geteuid() != 0 || LabFiles.isOpenToAll(program)
            ? nil : "an ordinary user cannot reach \(program)"
    }

    /// What was only unpacked finds its libraries beside it.
    var environment: [String] {
        guard let program, program.hasPrefix(Self.tools) else { return [] }
        let parents = ["\(Self.tools)/usr/lib", "\(Self.tools)/lib"]
        let folders = parents.flatMap { parent in
            ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [])
                .filter { $0.hasSuffix("-linux-gnu") }.map { "\(parent)/\($0)" }
        }
        return ["env", "LD_LIBRARY_PATH=" + (parents + folders).joined(separator: ":")]
    }
}

extension LabChange {
    /// BIND; its zone files are made by a `.shell` before.
    static func named(_ rest: String, listeningOn addresses: String = "198.18.2.2;") -> LabChange {
        .daemon(
            "s", .named,
            """
            options {
              directory "{lab}";
              listen-on { \(addresses) };
              listen-on-v6 { none; };
              pid-file none;
              session-keyfile none;
              recursion no;
              dnssec-validation no;
              notify no;
            };
            controls { };
            \(rest)
            """)
    }

    /// A zone file for BIND in the lab's directory.
    static func zone(_ name: String, _ records: String...) -> LabChange {
        .shell(
            "s",
            ([
                "cat > {lab}/\(name).zone <<'END'", "$TTL 60", "@ SOA ns root 1 3600 600 86400 30", "@ NS ns",
                "ns A 198.18.2.2",
            ]
                + records + ["END"]).joined(separator: "\n"))
    }

    /// A forwarder or resolver on the server's address.
    static func unbound(_ rest: String) -> LabChange {
        .daemon(
            "s", .unbound,
            """
            server:
              interface: 198.18.2.2
              access-control: 0.0.0.0/0 allow
              username: ""
              chroot: ""
              directory: "{lab}"
              pidfile: ""
              use-syslog: no
              # By itself it says that nothing below test. exists (RFC 6761).
              local-zone: "test." nodefault
              module-config: "iterator"
              num-threads: 1
            \(rest)
            """)
    }
}
