/// Where the accounting of this process's control group is mounted (cgroups(7), proc(5) on /proc/PID/cgroup and mountinfo).
enum CgroupPath {
    /// From the process's own group upwards to the top of what is mounted; of the hierarchy that has the controller.
    /// - Parameter controller: `cpu`, `memory`, `pids`.
    static func directories(groups: String, mounts: String, controller: String = "cpu") -> [String] {
        guard let group = group(groups, controller) else { return [] }
        for mount in mounts.split(separator: "\n") {
            if let directories = directories(of: group, in: mount, controller) { return directories }
        }
        return []
    }

    private struct Group {
        let isUnified: Bool
        let path: Substring
    }

    /// v1 where the controller is bound to a hierarchy of its own, else the unified one (`0::/path`).
    private static func group(_ text: String, _ controller: String) -> Group? {
        var unified: Group?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[1].split(separator: ",").contains(Substring(controller)) {
                return Group(isUnified: false, path: fields[2])
            }
            if fields[0] == "0", fields[1].isEmpty { unified = Group(isUnified: true, path: fields[2]) }
        }
        return unified
    }

    /// Nil when the mount is of another hierarchy. Fields of mountinfo: id, parent, device, root, mount point, options,
    /// optional ones up to a hyphen, then type, source, options of the file system.
    private static func directories(
        of group: Group, in mount: Substring, _ controller: String
    ) -> [String]? {
        let fields = mount.split(separator: " ")
        guard let hyphen = fields.firstIndex(of: "-"), hyphen >= 5, fields.count > hyphen + 3 else { return nil }
        let isWanted =
            group.isUnified
            ? fields[hyphen + 1] == "cgroup2"
            : fields[hyphen + 1] == "cgroup" && fields[hyphen + 3].split(separator: ",").contains(Substring(controller))
        guard isWanted else { return nil }
        let top = String(fields[4])
        // In a container the path may be of the host's tree while only the container's part of it is mounted here.
        var inside =
            group.path.hasPrefix(fields[3]) && fields[3] != "/" ? group.path.dropFirst(fields[3].count) : group.path
        var directories: [String] = []
        while !inside.isEmpty, inside != "/", directories.count < deepest {
            directories.append(top + (inside.hasPrefix("/") ? "" : "/") + inside)
            inside = inside.lastIndex(of: "/").map { inside[..<$0] } ?? ""
        }
        return directories + [top]
    }

    private static let deepest = 32
}
