import ArgumentParser
import LinuxIO
import ManifestFiles
import Manifests
import NetValues
import Observations
import StreamTransport

/// The manifests that a command was given.
enum ManifestInput {
    /// - Throws: status 2 for a path that cannot be read, after telling why.
    static func read(_ paths: [String]) throws -> ManifestSet {
        do {
            var set = try ManifestReader().read(paths: paths)
            readCertificates(of: &set)
            return set
        } catch {
            complain("\(error.path.escaped(limit: 4096)): \(error.reason)")
            throw ExitCode(ExitStatus.badUsage)
        }
    }

    /// Without OpenSSL nothing is known of them.
    static func readCertificates(of set: inout ManifestSet) {
        guard let describer = try? CertificateDescriber() else { return }
        set.readCertificates(at: .now) { der in
            guard let summary = describer.describe([der]), let notBefore = summary.notBefore,
                let notAfter = summary.notAfter
            else { return nil }
            return DeclaredCertificate.Facts(
                subject: summary.subject, issuer: summary.issuer, names: summary.names, notBefore: notBefore,
                notAfter: notAfter)
        }
    }
}
