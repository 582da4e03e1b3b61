import ArgumentParser
import NetValues
import Planning

/// `leadsman mtu HOST[:PORT]...`
struct MTUCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mtu", abstract: "Find how large packets may be on the way, and where larger ones vanish.",
        discussion: """
            Packets that may not be fragmented, by ICMP echo and by UDP to a port on which nothing listens; with a port also by TCP \
            connections to it. All sizes are bytes of the whole IP packet.
            """)

    @Argument(help: ArgumentHelp("HOST, or HOST:PORT of a TCP service.", valueName: "target"))
    var targets: [String]

    @Option(help: ArgumentHelp("The packets that are sent: udp, icmp or tcp.", valueName: "method"))
    var method: String?

    @Option(
        help: ArgumentHelp(
            "A large page there, asked for to test the way back by TCP (the start page).", valueName: "url"))
    var page: String?

    @Option(help: ArgumentHelp("The smallest packet that is tried, in bytes.", valueName: "bytes"))
    var smallest: Int?

    @Option(
        name: [.customLong("largest"), .customLong("max")],
        help: ArgumentHelp("The largest packet that is tried (what the own link takes).", valueName: "bytes"))
    var largest: Int?

    @Option(help: ArgumentHelp("Packets of so many bytes must get there.", valueName: "bytes"))
    var min: Int?

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var probe = SingleProbe(
            kind: "mtu", targets: targets,
            parameters: [
                "method": method.map { .text($0) }, "page": page.map { .text($0) },
                "smallest": smallest.map { .number($0) },
                "largest": largest.map { .number($0) },
            ],
            expectations: ["min": min.map { .number($0) }])
        probe.takesPorts = true
        try await probe.run(probing, expect, output)
    }
}
