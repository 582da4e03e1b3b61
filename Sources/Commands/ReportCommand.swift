import ArgumentParser
import Diagnosis
import JSON
import NetValues
import Planning
import Reporting

/// `leadsman report REPORT.json`
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Render a stored report in another format.",
        discussion: "Exits 0 unless --fail-on is given.")

    @Argument(
        help: ArgumentHelp(
            "A report as leadsman wrote it with --format json; - is standard input.", valueName: "report"))
    var path: String

    @Option(help: ArgumentHelp("The least severity that makes the exit status 1 in place of 0.", valueName: "severity"))
    var failOn: FailOn?

    @OptionGroup var rendering: RenderingOptions

    private static let sizeLimit = 256 << 20

    func run() async throws {
        let report = try read()
        let output = rendering.session(failOn: failOn ?? .never)
        throw conclude(
            report.rendered(as: output.format, style: output.style), at: output.path, status: status(of: report))
    }

    private func read() throws -> Report {
        do {
            let bytes = try InputFile.read(path, limit: Self.sizeLimit)
            return try Report(json: JSONParser.parse(bytes))
        } catch let failure as InputFailure {
            complain("\(failure.path): \(failure.reason)")
        } catch {
            complain("\(path): \(error)")
        }
        throw ExitCode(ExitStatus.badUsage)
    }

    private func status(of report: Report) -> Int32 {
        guard let threshold = failOn?.severity else { return ExitStatus.healthy }
        return report.findings.contains { $0.finding.severity >= threshold } ? ExitStatus.findings : ExitStatus.healthy
    }
}
