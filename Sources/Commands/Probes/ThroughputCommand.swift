import ArgumentParser
import LinuxIO
import NetValues
import Planning

/// `leadsman throughput HOST:PORT...`, and `leadsman throughput --listen`
struct ThroughputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract: "Measure how many bits a second a path carries, and what bounds it (it is a load).",
        discussion: """
            The other end is `leadsman throughput --listen`, or any iperf3 server. It ends after --duration or --bytes, whichever \
            comes first. It fills the path meanwhile: ask who else uses it. `leadsman probes throughput` tells more.

            With --listen it is the other end: one test at a time, of Leadsmen and of iperf3 clients, on all addresses at port 5201 \
            unless an address is given, each with a limit of time and bytes, until --for is over or it is interrupted. It needs no \
            rights. Whoever can reach the port can use it: leave it open no longer than needed, and narrow it with --allow.
            """)

    @Argument(
        help: ArgumentHelp(
            "HOST, HOST:PORT or [v6]:PORT (port 5201); with --listen the own ADDRESS:PORT.", valueName: "target"))
    var targets: [String] = []

    @Option(help: ArgumentHelp("Who sends: up is this side (up).", valueName: "word"))
    var direction: String?

    @Flag(name: [.long, .customShort("R")], help: "The other end sends, as --direction down.")
    var reverse = false

    @Flag(name: [.long, .customShort("u")], help: "UDP in place of TCP.")
    var udp = false

    @Option(name: [.long, .customShort("t")], help: ArgumentHelp("How long at most (10s).", valueName: "span"))
    var duration: Span?

    @Option(help: ArgumentHelp("How many bytes at most (1GB).", valueName: "size"))
    var bytes: String?

    @Option(name: [.long, .customShort("P")], help: ArgumentHelp("Streams at once (1).", valueName: "count"))
    var streams: Int?

    @Option(
        name: [.long, .customShort("b")],
        help: ArgumentHelp("Bits a second, all streams together (TCP: all that goes; UDP: 1Mbit).", valueName: "rate"))
    var rate: String?

    @Option(help: ArgumentHelp("The least rate that must be reached, as 100Mbit.", valueName: "rate"))
    var min: String?

    @Option(help: ArgumentHelp("What must be at the other end: leadsman or iperf3.", valueName: "word"))
    var server: String?

    @Option(help: ArgumentHelp("TCP's congestion control at the sender: cubic, reno, bbr.", valueName: "name"))
    var congestion: String?

    @OptionGroup(title: "With --listen") var listening: ListenOptions
    @OptionGroup var expect: ExpectOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if listening.listen {
            if targets.count > 1 { throw ValidationError("--listen takes one address at most") }
            return
        }
        if targets.isEmpty { throw ValidationError("a target is missing: HOST:PORT, or --listen") }
        if reverse, direction == "up" { throw ValidationError("--reverse and --direction up exclude each other") }
    }

    func run() async throws {
        if listening.listen {
            throw ExitCode(try await listening.run(on: targets.first, limits: (duration?.duration, bytes)))
        }
        let probe = SingleProbe(
            kind: "throughput", targets: targets.map(Self.withPort),
            parameters: [
                "server": server.map { .text($0) }, "transport": udp ? .text("udp") : nil,
                "direction": reverse ? .text("down") : direction.map { .text($0) },
                "duration": duration.map { .span($0.duration) }, "bytes": bytes.map { .text($0) },
                "streams": streams.map { .number($0) }, "rate": rate.map { .text($0) },
                "congestion": congestion.map { .text($0) },
            ],
            expectations: ["min": min.map { .text($0) }])
        try await probe.run(probing, expect, output)
    }

    /// iperf3's own port where none is written.
    private static func withPort(_ text: String) -> String {
        if HostPort(text) != nil { return text }
        let isBare = text.contains(":") && !text.hasPrefix("[")
        let host = isBare ? "[\(text)]" : text
        return HostPort("\(host):\(IperfServer.usualPort)") == nil ? text : "\(host):\(IperfServer.usualPort)"
    }
}
