import ArgumentParser
import Auditing
import ManifestFiles
import Manifests
import NetValues
import Reporting

/// `leadsman audit PATH...`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Find in Kubernetes manifests what is wrong before a packet is lost.",
        discussion:
            """
            Reads YAML and JSON, kubectl's lists, folders, and the fenced blocks of Markdown, and sends nothing to the network. The word cluster \
            in place of a path reads from the API of a cluster instead, and changes nothing there (Documentation/KUBERNETES.md). With \
            --connectivity it tells who may talk to whom by NetworkPolicies; with --from, --to and --port one flow, and what decides it (exit \
            status 0 allowed, 1 denied).
            """
    )

    @Argument(
        help: ArgumentHelp("Files and folders; - is standard input, cluster is the Kubernetes API.", valueName: "path"))
    var paths: [String]

    @Option(
        name: .customLong("patch"),
        help: ArgumentHelp("Write the YAML that mends each finding to a file of this folder.", valueName: "folder"))
    var patchFolder: String?

    @OptionGroup var connectivity: ConnectivityOptions

    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var output: AuditOutputOptions

    func validate() throws {
        try connectivity.check(paths: paths.count, format: output.format)
        if connectivity.isAsked, patchFolder != nil { throw ValidationError("--patch is of findings") }
    }

    func run() async throws {
        if connectivity.isAsked {
            throw try await ConnectivityAudit(options: connectivity, paths: paths, cluster: cluster, output: output)
                .run()
        }
        let set = try await ManifestInput.read(paths, cluster)
        try ManifestInput.refuseNothing(set, paths)
        let state = DeclaredState(set)
        let report = AuditReport(
            toolVersion: leadsmanVersion, objects: set.objects.count, findings: AuditBook.judge(state),
            notReadable: set.notReadable.map { "\($0.what): \($0.why)" }, notEvaluated: NotEvaluated.lines(state))
        if let patchFolder, let failure = PatchFiles.write(report.findings, to: patchFolder) {
            complain(failure)
            throw ExitCode(ExitStatus.unmeasured)
        }
        // A cluster of which nothing at all could be read was not audited.
        let isBlind = report.objects == 0 && report.findings.isEmpty && !report.notReadable.isEmpty
        throw conclude(
            report.rendered(as: output.findingsFormat, style: output.page.style()), at: output.page.output,
            status: isBlind
                ? ExitStatus.unmeasured : ExitStatus.of(report.findings, failOn: output.failOn, signal: nil))
    }
}
