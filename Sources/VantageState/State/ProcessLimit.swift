import Glibc

/// Limits of the process (getrlimit(2)); what has none is told as the largest number there is.
enum ProcessLimit {
    static func read(_ resource: __rlimit_resource_t) -> (soft: Int, hard: Int)? {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
    }

    /// How many entries a directory has; of our own descriptors without the one that reads it.
    static func entries(_ path: String) -> Int? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory), count < mostEntries {
            if entry.pointee.d_name.0 != 0x2e { count += 1 }
        }
        return max(0, count - 1)
    }

    private static let mostEntries = 2_000_000
}
