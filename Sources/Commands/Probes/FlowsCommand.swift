import ArgumentParser
import Planning

/// `leadsman flows HOST:PORT...`
struct FlowsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flows",
        abstract: "Open many connections at once, to find what limits their number (it is a load).",
        discussion: """
            Ports of shared address translation and places of small servers are taken meanwhile, and some for minutes after: \
            ask whoever runs the target, and begin with a small count. `leadsman probes flows` tells more.
            """)

    @Argument(help: ArgumentHelp("HOST:PORT, or [v6]:PORT.", valueName: "target"))
    var targets: [String]

    @Option(help: ArgumentHelp("How many connections (64; above 4096 only with --allow-more).", valueName: "count"))
    var count: Int?

    @Flag(help: "Allow a count above 4096.")
    var allowMore = false

    @Option(help: ArgumentHelp("Connections started a second (500).", valueName: "number"))
    var rate: Int?

    @Option(
        help: ArgumentHelp(
            "How long an unanswered one is waited for while the others are held (2s).", valueName: "span"))
    var hold: Span?

    @Option(help: ArgumentHelp("Another destination to try meanwhile; may be repeated.", valueName: "target"))
    var beside: [String] = []

    @Option(
        help: ArgumentHelp("Text that the server answers, with \\r \\n \\t \\\\ and \\xNN.", valueName: "text"))
    var send: String?

    @Option(help: ArgumentHelp("How many must come about (all).", valueName: "count"))
    var connected: Int?

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let probe = SingleProbe(
            kind: "flows", targets: targets,
            parameters: [
                "count": count.map { .number($0) }, "allowMore": allowMore ? .flag(true) : nil,
                "rate": rate.map { .number($0) }, "hold": hold.map { .span($0.duration) },
                "beside": beside.isEmpty ? nil : .list(beside), "send": send.map { .text($0) },
            ],
            expectations: ["connected": connected.map { .number($0) }])
        try await probe.run(probing, expect, output)
    }
}
