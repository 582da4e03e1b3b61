import Glibc

/// Where this program's own file is, for a fix that names it.
package enum ExecutablePath {
    /// Nil without /proc.
    package static var current: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }
}
