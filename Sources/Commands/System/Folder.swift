import Glibc
import LinuxIO
import NetValues
import Observations

/// Folders of the user's.
enum Folder {
    /// Makes the folder for this user's eyes only, unless it is there, and sees whether files can be made in it.
    static func make(_ path: String) throws(Inability) {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw unusable(path, SystemCallFailure("mkdir"))
        }
        guard access(path, W_OK | X_OK) == 0 else { throw unusable(path, SystemCallFailure("access")) }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw unusable(path, SystemCallFailure("stat", code: ENOTDIR))
        }
    }

    /// Takes a file away; one that cannot be taken away stays.
    static func remove(_ file: String) {
        unlink(file)
    }

    private static func unusable(_ path: String, _ failure: SystemCallFailure) -> Inability {
        Inability(
            .badFile, action: "keep files in \(path.escaped(limit: 200))", reason: failure.description,
            fix: "name a folder that this user may write to")
    }
}
