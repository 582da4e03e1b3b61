import ArgumentParser
import Connectivity
import Reporting

/// The forms of what `audit` tells: findings (not dot), or connectivity (not jsonl).
enum AuditFormat: String, ExpressibleByArgument, CaseIterable { case text, json, jsonl, csv, dot }

/// How the result of an audit is told, and what makes it a failure.
struct AuditOutputOptions: ParsableArguments {
    @Option(name: [.long, .customShort("o")], help: "How the result is written; dot is of connectivity.")
    var format: AuditFormat = .text

    @Option(help: ArgumentHelp("The least severity that makes the exit status 1.", valueName: "severity"))
    var failOn: FailOn = .error

    @OptionGroup var page: PageOptions

    var findingsFormat: OutputFormat { OutputFormat(rawValue: format.rawValue) ?? .text }
}

/// What is asked about NetworkPolicies.
struct ConnectivityOptions: ParsableArguments {
    @Flag(help: "Tell who may talk to whom by NetworkPolicies, instead of findings.")
    var connectivity = false

    @Option(
        help: ArgumentHelp(
            "Only from this pod, workload, address or range: NAMESPACE/NAME, 10.0.0.0/8, external.", valueName: "end"))
    var from: String?

    @Option(
        help: ArgumentHelp("Only to this one; also NAMESPACE/service/NAME.", valueName: "end"))
    var to: String?

    @Option(help: ArgumentHelp("The port of a flow, such as 80, TCP/80, UDP/dns.", valueName: "port"))
    var port: String?

    @Flag(help: "Compare two sets of manifests, the old and the new: which pairs may talk no longer, or only now.")
    var diff = false

    var isAsked: Bool { connectivity || diff }

    func check(paths: Int, format: AuditFormat) throws {
        let isFlow = from != nil || to != nil || port != nil
        if isFlow, !connectivity { throw ValidationError("--from, --to and --port belong to --connectivity") }
        if port != nil, from == nil || to == nil { throw ValidationError("--port needs --from and --to") }
        if let port, FlowPort(port) == nil {
            throw ValidationError("--port takes a number from 1 to 65535 or a name, with TCP/, UDP/ or SCTP/ before it")
        }
        if diff {
            if paths != 2 { throw ValidationError("--diff takes two paths: the old manifests, and the new") }
            if isFlow { throw ValidationError("--diff compares all of it, without --from, --to and --port") }
            if ![.text, .json].contains(format) { throw ValidationError("--diff is told as text or json") }
        } else if connectivity {
            if format == .jsonl { throw ValidationError("connectivity is told as text, json, csv or dot") }
            if from != nil, to != nil, ![.text, .json].contains(format) {
                throw ValidationError("one flow is told as text or json")
            }
        } else if format == .dot {
            throw ValidationError("--format dot is of --connectivity")
        }
    }
}
