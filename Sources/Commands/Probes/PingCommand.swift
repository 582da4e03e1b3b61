import ArgumentParser
import NetValues
import Planning
import Reporting

/// `leadsman ping HOST...`
struct PingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping", abstract: "Send ICMP echo requests: round trips, loss, jitter.",
        discussion: """
            A series of 20 and more tells how its round trips are spread, and one with losses how they lie in time. Of many targets \
            (ranges, or --targets) a page sums up; --verbose, --format json and csv tell of each.
            """)

    @Argument(help: ArgumentHelp("Names, addresses, or ranges of addresses as 198.18.0.0/28.", valueName: "host"))
    var hosts: [String] = []

    @Option(
        help: ArgumentHelp(
            "Targets from a file, or from standard input with -: one a line, # begins a comment.", valueName: "file"))
    var targets: String?

    @Option(help: ArgumentHelp("Bytes of payload.", valueName: "bytes"))
    var size: Int?

    @Option(help: ArgumentHelp("Time to live, or hop limit.", valueName: "hops"))
    var ttl: Int?

    @Flag(help: "Forbid fragmentation.")
    var dontFragment = false

    @Option(help: ArgumentHelp("The loss that is still right, in percent.", valueName: "percent"))
    var loss: Double?

    @Flag(
        help: """
            Send fast, on purpose: 1,000 requests at --rate (1,000 a second), or as many as --samples says. It is a load on the path and the \
            target.
            """)
    var flood = false

    @Option(
        help: ArgumentHelp(
            "Requests a second: with --flood to each target; of many targets all together (2,000).", valueName: "number"
        ))
    var rate: Int?

    @Option(help: ArgumentHelp("How many addresses ranges may have together.", valueName: "count"))
    var mostTargets = PingTargets.usualLimit

    @Option(help: ArgumentHelp("Go on for this long.", valueName: "span"))
    var duration: Span?

    @OptionGroup var live: LiveOptions
    @OptionGroup var expect: ExpectOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...TargetRange.largestLimit).contains(mostTargets) else {
            throw ValidationError("--most-targets takes 1 to \(TargetRange.largestLimit)")
        }
        if let rate, !(1...PingPace.largestRate).contains(rate) {
            throw ValidationError("--rate takes 1 to \(PingPace.largestRate)")
        }
        if flood, probing.interval != nil { throw ValidationError("--flood goes with --rate, not with --interval") }
        if hosts.isEmpty, targets == nil { throw ValidationError("name a host, or a file with --targets") }
    }

    func run() async throws {
        if let loss, !(0...100).contains(loss) { throw ValidationError("--loss takes 0 to 100") }
        if duration != nil, probing.samples != nil {
            throw ValidationError("--duration and --samples exclude each other")
        }
        var listed: [String] = []
        if let targets { listed = try PingTargets.read(targets) }
        let pace = PingPace(isFlood: flood, rate: rate, size: size ?? 56)
        let interval = flood ? pace.interval : probing.interval?.duration ?? Check.Defaults.interval
        let samples = duration.map { Int(min(1_000_000, $0.duration.nanoseconds / max(1, interval.nanoseconds) + 1)) }
        var probe = SingleProbe(
            kind: "icmp", targets: hosts, samples: samples ?? (flood ? PingPace.floodSamples : 5),
            parameters: [
                "size": size.map { .number($0) }, "ttl": ttl.map { .number($0) },
                "dontFragment": dontFragment ? .flag(true) : nil, "flood": flood ? .flag(true) : nil,
            ],
            expectations: ["loss": loss.map { .share($0 / 100) }], mostTargets: mostTargets,
            live: live.request(.echoes, span: duration?.duration))
        probe.listed = listed
        probe.list = targets == "-" ? "standard input" : targets
        if flood { probe.interval = pace.interval }
        var checks = try probe.checks(probing, expect)
        let limits = try pace.limits(for: &checks, hasSamples: probing.samples != nil || duration != nil)
        if flood, !output.rendering.page.quiet { complain(pace.load(of: checks)) }
        try await probe.run(Plan(checks: checks, limits: limits), output)
    }
}
