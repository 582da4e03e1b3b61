import Glibc
import LinuxIO
import Observations

extension IssuedCertificate {
    /// Writes `NAME.crt` and `NAME.key` into a directory that exists, readable to the owner only.
    package func write(to directory: String, as name: String) throws(Inability) -> (certificate: String, key: String) {
        let paths = (certificate: "\(directory)/\(name).crt", key: "\(directory)/\(name).key")
        try Self.write(certificatePEM, to: paths.certificate)
        try Self.write(keyPEM, to: paths.key)
        return paths
    }

    private static func write(_ text: String, to path: String) throws(Inability) {
        do throws(SystemCallFailure) {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SystemCallFailure("open") }
            defer { close(descriptor) }
            let bytes = Array(text.utf8)
            guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemCallFailure("write") }
        } catch {
            throw error.inability(to: "write \(path)")
        }
    }
}
