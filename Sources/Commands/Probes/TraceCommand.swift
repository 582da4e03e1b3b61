import ArgumentParser
import NetValues
import Planning
import Reporting

/// `leadsman trace HOST[:PORT]...`
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Follow the way to a host, hop by hop.",
        discussion: """
            Datagrams by default, which need no right; SYNs to the port where one is given. All packets of a round are on their way at once \
            and belong to one flow, so that routers send them one way; --flows looks for the other ways. SYNs belong to one flow with \
            CAP_NET_RAW; without it each has a port of its own.
            """)

    @Argument(help: ArgumentHelp("Names or addresses, or HOST:PORT ([v6]:PORT).", valueName: "target"))
    var targets: [String]

    @Option(help: ArgumentHelp("What is sent: udp, icmp or tcp.", valueName: "method"))
    var method: String?

    @Option(help: ArgumentHelp("Of the target (udp: 33434, tcp: 443).", valueName: "port"))
    var port: Int?

    @Option(help: ArgumentHelp("Look for several ways, with up to so many flows.", valueName: "count"))
    var flows: Int?

    @Option(name: [.long, .customShort("m")], help: ArgumentHelp("The largest hop limit (30).", valueName: "hops"))
    var maxHops: Int?

    @Option(help: ArgumentHelp("How many rounds (1), one each second unless --interval says else.", valueName: "count"))
    var rounds: Int?

    @Option(help: ArgumentHelp("Go on for this long.", valueName: "span"))
    var duration: Span?

    @Flag(help: "Ask for the names of who answered, when the trace is over.")
    var names = false

    @Option(
        name: .long,
        help: ArgumentHelp("An address or range that must answer on the way; may be repeated.", valueName: "address"))
    var via: [String] = []

    @OptionGroup var live: LiveOptions
    @OptionGroup var expect: ExpectOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    private static let interval = Duration.seconds(1)
    /// Looking for all ways takes as long as routers ration their answers.
    private static let timeOfSearch = Duration.seconds(30)

    func validate() throws {
        if let rounds, !(1...1_000_000).contains(rounds) { throw ValidationError("--rounds takes 1 to 1000000") }
        if rounds != nil, probing.samples != nil {
            throw ValidationError("--rounds and --samples are the same: give one")
        }
        if duration != nil, rounds ?? probing.samples != nil {
            throw ValidationError("--duration and --rounds exclude each other")
        }
    }

    func run() async throws {
        let (hosts, ports) = try split()
        var probing = probing
        if flows ?? 1 > 1, probing.timeout == nil { probing.timeout = Span(Self.timeOfSearch) }
        let interval = probing.interval?.duration ?? Self.interval
        let samples =
            live.live
            ? nil : duration.map { Int(min(1_000_000, $0.duration.nanoseconds / max(1, interval.nanoseconds) + 1)) }
        let probe = SingleProbe(
            kind: "trace", targets: hosts, samples: samples ?? rounds ?? 1, interval: interval,
            parameters: [
                "method": method.map { .text($0) }, "port": (port ?? ports).map { .number($0) },
                "flows": flows.map { .number($0) }, "maxHops": maxHops.map { .number($0) },
                "names": names ? .flag(true) : nil,
            ],
            expectations: ["via": via.isEmpty ? nil : .list(via)],
            live: live.request(.paths, span: duration?.duration, showsNames: names), isVerbose: false)
        try await probe.run(probing, expect, output)
    }

    /// Hosts, and the port that all of them have.
    private func split() throws -> (hosts: [String], port: Int?) {
        var ports: Set<Int> = []
        var hosts: [String] = []
        for text in targets {
            if Host(text) == nil, let pair = HostPort(text) {
                ports.insert(Int(pair.port))
                hosts.append(pair.host.description)
            } else {
                hosts.append(text)
            }
        }
        guard ports.count < 2, ports.isEmpty || port == nil || ports == [port ?? 0] else {
            throw ValidationError("one port for all targets: trace them one after the other, or give --port alone")
        }
        return (hosts, ports.first)
    }
}
