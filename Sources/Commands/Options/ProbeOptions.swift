import ArgumentParser
import NetValues
import Planning

/// How checks are taken. What is not given here the plan says, or the defaults.
struct ProbeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Time for one sample, as 500ms, 3s or 1m.", valueName: "span"))
    var timeout: Span?

    @Option(help: ArgumentHelp("How many samples each check takes.", valueName: "count"))
    var samples: Int?

    @Option(help: ArgumentHelp("From the start of one sample to the next.", valueName: "span"))
    var interval: Span?

    @Flag(name: .customShort("4"), help: "IPv4 only.")
    var onlyIPv4 = false

    @Flag(name: .customShort("6"), help: "IPv6 only.")
    var onlyIPv6 = false

    @Option(help: ArgumentHelp("The own address to send from.", valueName: "address"))
    var source: SourceAddress?

    func validate() throws {
        if onlyIPv4, onlyIPv6 { throw ValidationError("-4 and -6 exclude each other") }
        if let samples, !(1...1_000_000).contains(samples) { throw ValidationError("--samples takes 1 to 1000000") }
        if let source, source.address.family == .v6 ? onlyIPv4 : onlyIPv6 {
            throw ValidationError("--source \(source.address) is not of the family that is asked for")
        }
    }

    var family: FamilyChoice { onlyIPv4 ? .v4 : onlyIPv6 ? .v6 : .any }

    /// Puts what was given on the command line over what the check has.
    func apply(to check: inout Check) {
        if let timeout { check.timeout = timeout.duration }
        if let samples { check.samples = samples }
        if let interval { check.interval = interval.duration }
        if family != .any { check.family = family }
        if let source { check.source = source.address }
    }
}
