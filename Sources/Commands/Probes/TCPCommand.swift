import ArgumentParser
import Planning

/// `leadsman tcp HOST:PORT...`
struct TCPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tcp", abstract: "Connect to TCP ports, at every address of each name.")

    @Argument(help: ArgumentHelp("HOST:PORT, [v6]:PORT, or a range as 198.18.0.0/28:22,443.", valueName: "target"))
    var targets: [String]

    @Option(help: ArgumentHelp("Text to send after connecting, with \\r \\n \\t \\\\ and \\xNN.", valueName: "text"))
    var send: String?

    @Option(help: ArgumentHelp("What must be read after connecting.", valueName: "pattern"))
    var banner: String?

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var ranges: RangeOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let probe = SingleProbe(
            kind: "tcp", targets: targets, parameters: ["send": send.map { .text($0) }],
            expectations: ["banner": banner.map { .text($0) }], ranges: ranges)
        try await probe.run(probing, expect, output)
    }
}
