import ArgumentParser
import Planning

/// `leadsman idle HOST:PORT...`
struct IdleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Find after how long a silent connection is forgotten on the way.")

    @Argument(help: ArgumentHelp("HOST:PORT, or [v6]:PORT.", valueName: "target"))
    var targets: [String]

    @Option(help: ArgumentHelp("The longest idle time that is tried (60s).", valueName: "span"))
    var longest: Span?

    @Option(help: ArgumentHelp("The time for all of it (three times the longest).", valueName: "span"))
    var budget: Span?

    @Option(
        help: ArgumentHelp(
            "What is sent after the idle time, with \\r \\n \\t \\\\ and \\xNN (ports 80 and 8080: an HTTP HEAD).",
            valueName: "text"))
    var send: String?

    @Option(help: ArgumentHelp("The idle time that a connection must survive.", valueName: "span"))
    var survives: Span?

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let probe = SingleProbe(
            kind: "idle", targets: targets,
            parameters: [
                "longest": longest.map { .span($0.duration) }, "budget": budget.map { .span($0.duration) },
                "send": send.map { .text($0) },
            ],
            expectations: ["survives": survives.map { .span($0.duration) }])
        try await probe.run(probing, expect, output)
    }
}
