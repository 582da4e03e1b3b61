import ArgumentParser
import Kubernetes
import LinuxIO
import ManifestFiles
import Manifests
import NetValues
import Observations
import StreamTransport

/// The manifests that a command was given: files, folders, standard input, a cluster.
enum ManifestInput {
    /// In place of a path: what the API of a cluster says. A file of that name is `./cluster`.
    static let clusterWord = "cluster"

    /// - Throws: status 2 for a path or kubeconfig that cannot be read, 3 for a cluster that cannot be asked, after telling why.
    static func read(_ paths: [String], _ cluster: ClusterOptions) async throws -> ManifestSet {
        let files = paths.filter { $0 != clusterWord }
        if cluster.isGiven, files.count == paths.count {
            throw ValidationError("--kubeconfig and --context belong to the word `cluster` in place of a path")
        }
        var set = try read(files)
        if files.count < paths.count {
            var state = try await read(cluster)
            readCertificates(of: &state)
            set.add(state)
        }
        return set
    }

    private static func read(_ options: ClusterOptions) async throws -> ManifestSet {
        let instruments = try Instruments.open()
        do throws(ClusterProblem) {
            let access = try ClusterLocator(kubeconfig: options.kubeconfig, context: options.context).locate()
            for remark in access.remarks { complain(remark) }
            return try await ClusterReader(
                capabilities: instruments.capabilities, reactor: instruments.reactor, time: instruments.time,
                agent: "leadsman/\(leadsmanVersion)", certificates: try? CertificateDescriber()
            ).read(access)
        } catch {
            complain(error.description)
            throw ExitCode(error.kind == .input ? ExitStatus.badUsage : ExitStatus.unmeasured)
        }
    }

    /// - Throws: status 2 for a path that cannot be read, after telling why.
    static func read(_ paths: [String]) throws -> ManifestSet {
        do {
            var set = try ManifestReader().read(paths: paths)
            readCertificates(of: &set)
            return set
        } catch {
            complain("cannot read \(shown(error.path)): \(error.reason)")
            throw ExitCode(ExitStatus.badUsage)
        }
    }

    /// - Throws: status 2 where nothing was read that could be judged: silence about it would pass for soundness.
    static func refuseNothing(_ set: ManifestSet, _ paths: [String]) throws {
        guard set.objects.isEmpty, set.fragments.isEmpty, set.problems.isEmpty, set.commands.isEmpty,
            set.notReadable.isEmpty, !paths.contains(clusterWord)
        else { return }
        let places = paths.prefix(5).map(shown).joined(separator: ", ")
        complain(
            "no Kubernetes object in \(places)\(paths.count > 5 ? " and \(paths.count - 5) more" : ""): nothing was judged"
        )
        throw ExitCode(ExitStatus.badUsage)
    }

    private static func shown(_ path: String) -> String {
        path == "-" ? ManifestPlace.standardInput : path.escaped(limit: 4096)
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
