import Glibc
import LinuxIO
import NetValues
import Observations

/// The files of the host that decide how names become addresses. Read anew each run.
package enum VantageFiles {
    /// A missing file is no mistake: glibc then asks 127.0.0.1, and so do we.
    /// - Parameter stubDirectory: exists where systemd-resolved runs or ran since the host was started.
    package static func readResolverConfiguration(
        at path: String = "/etc/resolv.conf", stubDirectory: String = "/run/systemd/resolve",
        environment: [String: String] = [:]
    ) throws(Inability) -> ResolverConfiguration {
        let text = try read(path)
        var configuration = ResolverConfiguration(parsing: text ?? "", source: path, environment: environment)
        configuration.hasSystemdResolved = access(stubDirectory, F_OK) == 0
        if text == nil {
            configuration.oddities.removeAll { $0.kind == .noServer }
            configuration.oddities.append(
                ResolverOddity(
                    .noServer, place: path, reason: "there is no such file: 127.0.0.1 is asked, as glibc does"))
        }
        return configuration
    }

    /// A missing file is an empty table.
    package static func readHosts(at path: String = "/etc/hosts") throws(Inability) -> HostsTable {
        HostsTable(parsing: try read(path) ?? "")
    }

    /// Far more than any real file; more is some other file by mistake.
    private static let sizeLimit = 1 << 20

    private static func read(_ path: String) throws(Inability) -> String? {
        do throws(SystemCallFailure) {
            return try SmallFile.text(of: path, limit: sizeLimit)
        } catch {
            if error.code == ENOENT { return nil }
            throw unreadable(path, error)
        }
    }

    private static func unreadable(_ path: String, _ failure: SystemCallFailure) -> Inability {
        switch failure.code {
        case EFBIG: unreadable(path, "it is larger than 1 MiB")
        case EMFILE, ENFILE, ENOMEM: failure.inability(to: "read \(path)")
        default: unreadable(path, failure.description)
        }
    }

    private static func unreadable(_ path: String, _ reason: String) -> Inability {
        Inability(.badFile, action: "read \(path)", reason: reason, fix: "make \(path) a file that this user may read")
    }
}
