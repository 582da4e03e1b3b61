import ArgumentParser
import Planning

/// `leadsman udp HOST:PORT...`
struct UDPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "udp", abstract: "Ask UDP services in their own protocol: DNS, NTP, QUIC, SIP, echo.")

    @Argument(help: ArgumentHelp("HOST:PORT, [v6]:PORT, or a range as 198.18.0.0/28:53,123.", valueName: "target"))
    var targets: [String]

    @Option(
        name: [.long, .customShort("s")],
        help: ArgumentHelp("dns, ntp, quic, sip, echo or raw; by the port where it has a usual one.", valueName: "word")
    )
    var service: String?

    @Option(help: ArgumentHelp("The bytes of a raw request, with \\r \\n \\t \\\\ and \\xNN.", valueName: "text"))
    var send: String?

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var ranges: RangeOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let probe = SingleProbe(
            kind: "udp", targets: targets,
            parameters: ["service": service.map { .text($0) }, "send": send.map { .text($0) }], ranges: ranges)
        try await probe.run(probing, expect, output)
    }
}
