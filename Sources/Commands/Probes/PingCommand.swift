import ArgumentParser
import Planning
import Reporting

/// `leadsman ping HOST...`
struct PingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping", abstract: "Send ICMP echo requests: round trips, loss, jitter.")

    @Argument(help: ArgumentHelp("Names, addresses, or ranges of addresses as 198.18.0.0/28.", valueName: "host"))
    var hosts: [String]

    @Option(help: ArgumentHelp("Bytes of payload.", valueName: "bytes"))
    var size: Int?

    @Option(help: ArgumentHelp("Time to live, or hop limit.", valueName: "hops"))
    var ttl: Int?

    @Flag(help: "Forbid fragmentation.")
    var dontFragment = false

    @Option(help: ArgumentHelp("The loss that is still right, in percent.", valueName: "percent"))
    var loss: Double?

    @Option(help: ArgumentHelp("Go on for this long.", valueName: "span"))
    var duration: Span?

    @OptionGroup var live: LiveOptions
    @OptionGroup var expect: ExpectOptions
    @OptionGroup var limit: RangeLimit
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let loss, !(0...100).contains(loss) { throw ValidationError("--loss takes 0 to 100") }
        if duration != nil, probing.samples != nil {
            throw ValidationError("--duration and --samples exclude each other")
        }
        let interval = probing.interval?.duration ?? Check.Defaults.interval
        let samples = duration.map { Int(min(1_000_000, $0.duration.nanoseconds / max(1, interval.nanoseconds) + 1)) }
        let probe = SingleProbe(
            kind: "icmp", targets: hosts, samples: samples ?? 5,
            parameters: [
                "size": size.map { .number($0) }, "ttl": ttl.map { .number($0) },
                "dontFragment": dontFragment ? .flag(true) : nil,
            ],
            expectations: ["loss": loss.map { .share($0 / 100) }], mostTargets: limit.mostTargets,
            live: live.request(.echoes, span: duration?.duration))
        try await probe.run(probing, expect, output)
    }
}
