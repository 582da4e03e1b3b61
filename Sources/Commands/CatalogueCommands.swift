import ArgumentParser
import Auditing
import Diagnosis
import JSON
import NetValues
import Planning
import ProbeKit
import Reporting

/// `leadsman findings [ID]`
struct FindingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "findings", abstract: "The catalogue of findings, or one explained.")

    @Argument(help: ArgumentHelp("The id of a finding.", valueName: "id"))
    var id: String?

    @Option(name: [.long, .customShort("o")], help: "How it is written.")
    var format: CatalogueFormat = .text

    func run() throws {
        let all = RuleBook.explanations + AuditBook.explanations
        let chosen = all.filter { id == nil || $0.id == id }
        if let id, chosen.isEmpty { throw ValidationError(unknown("finding", id, among: all.map(\.id))) }
        switch format {
        case .json: try printResult(JSONWriter.text(CatalogueDocument.json(findings: chosen), layout: .indented) + "\n")
        case .text:
            try printResult(
                id == nil
                    ? FindingsCatalogueText.list(chosen, style: catalogueStyle)
                    : chosen.map { FindingsCatalogueText.explanation($0, style: catalogueStyle) }.joined())
        }
    }
}

/// `leadsman probes [KIND]`
struct ProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes", abstract: "The catalogue of probes: their parameters, and the rights they need.")

    @Argument(help: ArgumentHelp("The kind of a probe.", valueName: "kind"))
    var kind: String?

    @Option(name: [.long, .customShort("o")], help: "How it is written.")
    var format: CatalogueFormat = .text

    func run() throws {
        let all = probeCatalogue.descriptions
        let chosen = all.filter { kind == nil || $0.kind == kind }
        if let kind, chosen.isEmpty { throw ValidationError(unknown("probe", kind, among: all.map(\.kind))) }
        switch format {
        case .json: try printResult(JSONWriter.text(CatalogueDocument.json(probes: chosen), layout: .indented) + "\n")
        case .text:
            try printResult(
                kind == nil
                    ? ProbesCatalogueText.list(chosen, style: catalogueStyle)
                    : chosen.map { ProbesCatalogueText.explanation($0, style: catalogueStyle) }.joined())
        }
    }
}

var catalogueStyle: TextStyle {
    TextStyle(width: min(Terminal.width(of: StandardStream.output) ?? 80, 120), color: false, verbosity: .normal)
}

enum CatalogueFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

private func unknown(_ what: String, _ word: String, among known: [String]) -> String {
    let hint =
        nearestWord(to: word, among: known).map { ", did you mean '\($0)'?" }
        ?? (known.count > 10 ? "; 'leadsman \(what)s' lists them" : "; known are \(known.joined(separator: ", "))")
    return "no \(what) '\(word.escaped(limit: 60))'\(hint)"
}

/// A result on standard output; a reader that went away is no mistake.
func printResult(_ text: String) throws {
    do {
        try writeAll(text, to: StandardStream.output)
    } catch WriteFailure.readerGone {
        throw ExitCode(ExitStatus.readerGone)
    } catch {
        complain("cannot write to standard output")
        throw ExitCode(ExitStatus.unmeasured)
    }
}
