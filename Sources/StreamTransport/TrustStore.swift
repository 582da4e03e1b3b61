import COpenSSL
import Glibc
import LinuxIO
import Observations

/// Where the authorities that this machine trusts are written.
package struct TrustPlaces: Sendable {
    /// SSL_CERT_FILE
    package var file: String?
    /// SSL_CERT_DIR: directories with a colon between.
    package var directories: [String]
    /// Looked through in this order when neither is given; the first that holds anything is taken.
    package var knownFiles: [String]
    package var knownDirectories: [String]

    package init(
        file: String?, directories: [String], knownFiles: [String] = Self.distributionFiles,
        knownDirectories: [String] = Self.distributionDirectories
    ) {
        self.file = file
        self.directories = directories
        self.knownFiles = knownFiles
        self.knownDirectories = knownDirectories
    }

    package static func ofEnvironment() -> TrustPlaces {
        func value(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        let directories = value("SSL_CERT_DIR")?.split(separator: ":").map { String($0) }
        return TrustPlaces(file: value("SSL_CERT_FILE"), directories: directories ?? [])
    }

    /// Debian and Alpine, Fedora and RHEL, openSUSE, CentOS and RHEL 7, BSD and macOS.
    package static let distributionFiles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/pki/tls/cacert.pem", "/etc/ssl/cert.pem",
    ]
    package static let distributionDirectories = [
        "/etc/ssl/certs", "/etc/pki/tls/certs", "/system/etc/security/cacerts",
    ]
}

/// The authorities that a verification rests on.
///
/// `@unchecked Sendable`: an X509_STORE locks itself (X509_STORE_lock); we do not change it after `init`.
final class TrustStore: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The files and directories, or `none`.
    private(set) var description = "none"

    private init() throws(Inability) {
        guard let store = X509_STORE_new() else {
            throw Inability(
                .noMemory, action: "hold CA certificates", reason: "OpenSSL has no memory",
                fix: "give the process more memory")
        }
        pointer = store
        // As in curl and Go: whatever was put into the store is trusted, root or not.
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    /// - Parameter path: a file or directory that the user chose, which must be right.
    convenience init(path: String?, places: TrustPlaces) throws(Inability) {
        try self.init()
        if let path {
            try load(path, named: "ca")
            description = path
        } else {
            try loadSystem(places)
        }
    }

    /// - Parameter text: PEM of authorities that were given themselves.
    convenience init(text: [UInt8]) throws(Inability) {
        try self.init()
        let certificates = PEMText.certificates(in: text)
        guard !certificates.isEmpty else { throw .badText("certificate authority", "certificate") }
        for certificate in certificates { X509_STORE_add_cert(pointer, certificate.pointer) }
        description = "the given authorities"
    }

    deinit {
        X509_STORE_free(pointer)
    }

    private func loadSystem(_ places: TrustPlaces) throws(Inability) {
        var used: [String] = []
        if let file = places.file {
            try load(file, named: "SSL_CERT_FILE")
            used.append(file)
        }
        for directory in places.directories {
            try load(directory, named: "SSL_CERT_DIR")
            used.append(directory)
        }
        if used.isEmpty { used = firstKnown(places).map { [$0] } ?? [] }
        if !used.isEmpty { description = used.joined(separator: ", ") }
    }

    private func firstKnown(_ places: TrustPlaces) -> String? {
        places.knownFiles.first { FileKind.of($0) == .file && loadFile($0) }
            ?? places.knownDirectories.first { FileKind.of($0) == .directory && loadDirectory($0) }
    }

    private func load(_ path: String, named key: String) throws(Inability) {
        let isLoaded: Bool
        switch FileKind.of(path) {
        case .file: isLoaded = loadFile(path)
        case .directory: isLoaded = loadDirectory(path)
        case .other(let reason): throw .badFile(path, of: key, reason: reason)
        }
        guard isLoaded else { throw .badFile(path, of: key, reason: "there is no PEM certificate in it") }
    }

    private func loadFile(_ path: String) -> Bool {
        ERR_clear_error()
        defer { ERR_clear_error() }
        return X509_STORE_load_file(pointer, path) == 1
    }

    /// A directory made by c_rehash is looked up by name when it is needed; of any other (a mounted ConfigMap) all files are
    /// read now.
    private func loadDirectory(_ path: String) -> Bool {
        let entries = Self.entries(of: path)
        if entries.contains(where: Self.isHashed) { return X509_STORE_load_path(pointer, path) == 1 }
        let files = entries.map { "\(path)/\($0)" }.filter { FileKind.of($0) == .file }
        return files.count { loadFile($0) } > 0
    }

    /// `4042bcee.0`
    private static func isHashed(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count == 8 && UInt32(parts[0], radix: 16) != nil
            && Int(parts[1]) != nil
    }

    private static func entries(of path: String, limit: Int = 4096) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(directory) {
            // SAFETY: d_name ends with a zero byte (readdir(3)) and is copied before the next call.
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }
}

/// What stands under a path, so that a pipe or a device never hangs us.
enum FileKind: Equatable {
    case file, directory
    case other(String)

    static func of(_ path: String) -> FileKind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .other("\(errnoText(errno)) (\(errnoName(errno)))") }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard access(path, R_OK) == 0 else { return .other("\(errnoText(errno)) (\(errnoName(errno)))") }
            return .file
        case S_IFDIR: return .directory
        default: return .other("it is neither a regular file nor a directory")
        }
    }
}

extension Inability {
    static func badFile(_ path: String, of key: String, reason: String) -> Inability {
        Inability(
            .badFile, action: "read \(path) (\(key))", reason: reason,
            fix: "correct `\(key)`: it must name a readable PEM file")
    }
}
