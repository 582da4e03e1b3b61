import ArgumentParser
import CaptureFiles
import NetValues

/// `leadsman pcap FILE...`
struct PcapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pcap", abstract: "Say what capture files hold, and what is wrong in them.",
        discussion: """
            Reads pcap and pcapng, also gzipped. Several files are taken together in the order of time. Nothing is sent, and no \
            right is needed but to read the files.
            """)

    @Argument(help: ArgumentHelp("Capture files; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "Only packets that this expression admits, as pcap-filter(7): 'tcp port 443 and host 10.0.0.1'.",
            valueName: "bpf"))
    var filter: String?

    @Option(
        help: ArgumentHelp(
            "Only packets from then on: 2026-01-31T12:00:00Z, or so long after the first packet: 5s.",
            valueName: "time"))
    var from: CaptureBound?

    @Option(help: ArgumentHelp("Only packets until then, likewise.", valueName: "time"))
    var to: CaptureBound?

    @OptionGroup var ranges: PacketRangeOptions
    @OptionGroup var output: PacketOutputOptions

    func validate() throws {
        if case .at(let from) = from?.bound, case .at(let to) = to?.bound, to < from {
            throw ValidationError("--to is before --from")
        }
        if case .afterFirst(let from) = from?.bound, case .afterFirst(let to) = to?.bound, to < from {
            throw ValidationError("--to is before --from")
        }
    }

    func run() async throws {
        let session = PcapSession(
            files: files, filter: filter, span: CaptureTimeSpan(from: from?.bound, to: to?.bound),
            settings: ranges.settings, output: output.output())
        throw ExitCode(session.run())
    }
}

/// `2026-01-31T12:00:00Z`, `5s`.
struct CaptureBound: ExpressibleByArgument {
    let bound: CaptureTimeSpan.Bound

    init?(argument: String) {
        if let time = WallTime(rfc3339: argument) {
            bound = .at(time)
        } else if let span = Duration(span: argument) {
            bound = .afterFirst(span)
        } else {
            return nil
        }
    }
}
