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
            "Reads YAML and JSON, kubectl's lists, folders, and the fenced blocks of Markdown. Nothing is sent to the network."
    )

    @Argument(
        help: ArgumentHelp("Files and folders; - is standard input.", valueName: "path"))
    var paths: [String]

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let set = try ManifestInput.read(paths)
        let state = DeclaredState(set)
        let report = AuditReport(
            toolVersion: leadsmanVersion, objects: set.objects.count, findings: AuditBook.judge(state),
            notReadable: set.notReadable.map { "\($0.what): \($0.why)" }, notEvaluated: NotEvaluated.lines(state))
        let session = output.session()
        throw conclude(
            report.rendered(as: session.format, style: session.style), at: session.path,
            status: ExitStatus.of(report.findings, failOn: session.failOn, signal: nil))
    }
}
