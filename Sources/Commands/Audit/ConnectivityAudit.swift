import ArgumentParser
import Connectivity
import Manifests
import NetValues
import Reporting

/// `leadsman audit PATH… --connectivity` and `--diff OLD NEW`.
struct ConnectivityAudit {
    let options: ConnectivityOptions
    let paths: [String]
    let cluster: ClusterOptions
    let output: AuditOutputOptions

    /// - Returns: the status to exit with.
    func run() async throws -> ExitCode {
        if options.diff { return try await compare() }
        let evaluation = PolicyEvaluation(try await state(paths))
        do throws(FlowEnd.Unknown) {
            if let from = options.from, let to = options.to { return try answer(evaluation, from, to) }
            let rows = ConnectivityRows(
                evaluation, from: try party(options.from, evaluation), to: try party(options.to, evaluation))
            return table(ConnectivityReport(evaluation, rows: rows, toolVersion: leadsmanVersion, style: style))
        } catch {
            complain(error.message)
            return ExitCode(ExitStatus.badUsage)
        }
    }

    private var style: TextStyle { output.page.style() }

    /// What could not be read may hold policies: that is told, and the rest goes on.
    private func state(_ paths: [String]) async throws -> DeclaredState {
        let set = try await ManifestInput.read(paths, cluster)
        try ManifestInput.refuseNothing(set, paths)
        for problem in set.problems where problem.kind == .unreadable {
            complain("\(problem.place.words ?? "manifests"): \(problem.message)")
        }
        for part in set.notReadable { complain("not readable: \(part.what): \(part.why)") }
        return DeclaredState(set)
    }

    private func party(_ text: String?, _ evaluation: PolicyEvaluation) throws(FlowEnd.Unknown) -> Party? {
        guard let text else { return nil }
        switch try FlowEnd(text, in: evaluation) {
        case .party(let party): return party
        case .service:
            throw FlowEnd.Unknown(
                message: "\(text.escaped(limit: 120)) is a Service: ask for one flow, with --from and --to")
        }
    }

    private func answer(_ evaluation: PolicyEvaluation, _ from: String, _ to: String) throws(FlowEnd.Unknown)
        -> ExitCode
    {
        let answer = try FlowQuestion(evaluation, from: from, to: to, port: options.port.flatMap { FlowPort($0) })
            .answer()
        let report = FlowAnswerReport(answer, evaluation)
        let text = output.format == .json ? report.json(toolVersion: leadsmanVersion) : report.text(style: style)
        return conclude(
            text, at: output.page.output, status: answer.isAllowed ? ExitStatus.healthy : ExitStatus.findings)
    }

    private func table(_ report: ConnectivityReport) -> ExitCode {
        let format = ConnectivityFormat(rawValue: output.format.rawValue) ?? .text
        return written { file throws(WriteFailure) in
            try report.write(as: format) { bytes throws(WriteFailure) in try file.write(bytes) }
        }
    }

    private func written(_ body: (ResultFile) throws(WriteFailure) -> Void) -> ExitCode {
        do {
            let file = try ResultFile(path: output.page.output)
            try body(file)
            try file.commit()
            return ExitCode(ExitStatus.healthy)
        } catch let failure as WriteFailure {
            return ExitCode(failure.told(output.page.output))
        } catch {
            complain("cannot write \(output.page.output ?? "to standard output"): \(error)")
            return ExitCode(ExitStatus.unmeasured)
        }
    }

    private func compare() async throws -> ExitCode {
        let difference = ConnectivityDifference(
            old: try await state([paths[0]]), new: try await state([paths[1]]))
        let report = DifferenceReport(difference, toolVersion: leadsmanVersion, style: style)
        return written { file throws(WriteFailure) in
            try report.write(asJSON: output.format == .json) { bytes throws(WriteFailure) in try file.write(bytes) }
        }
    }
}
