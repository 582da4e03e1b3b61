import ArgumentParser
import NetValues
import Planning

/// How fast `ping` sends: what a flood is to each target, and what many targets get together.
struct PingPace {
    static let floodSamples = 1000
    static let largestRate = 100_000
    private static let floodRate = 1000
    /// To many targets together, as an ordinary link and its neighbour tables bear well.
    private static let sharedRate = 2000
    /// From so many on they are paced together.
    private static let many = 64
    /// Samples of each of many, where the command line does not say.
    private static let fewSamples = 3
    /// Faster than this to the internet is to be asked for.
    private static let politeRate = 5000
    private static let mostInFlight = 16_384

    let isFlood: Bool
    let rate: Int?
    /// Bytes of payload.
    let size: Int

    var interval: Duration { .nanoseconds(1_000_000_000 / Int64(rate ?? Self.floodRate)) }

    /// - Parameter hasSamples: the command line says how many.
    func limits(for checks: inout [Check], hasSamples: Bool) throws -> Limits {
        var limits = Limits()
        guard !isFlood else {
            // At full rate one after the other, lest they be each other's fault.
            limits.inFlight = 1
            return limits
        }
        guard checks.count >= Self.many else {
            if rate != nil { throw ValidationError("--rate goes with --flood, or with \(Self.many) targets and more") }
            return limits
        }
        if !hasSamples { for index in checks.indices { checks[index].samples = Self.fewSamples } }
        let rate = Double(self.rate ?? Self.sharedRate)
        if Int(rate) > Self.politeRate, checks.contains(where: { $0.target.host?.address?.isOfInternet ?? true }) {
            throw ValidationError(
                "--rate above \(Self.politeRate) is only for private addresses: some of the targets are of the internet, or names"
            )
        }
        let samples = checks[0].samples
        limits.startsPerSecond = max(1, rate / Double(samples))
        // As many as are at work when none answers.
        let span = Double((checks[0].timeout + checks[0].interval * samples).nanoseconds) / 1e9
        limits.inFlight = min(Self.mostInFlight, max(limits.inFlight, Int(limits.startsPerSecond * span) + 1))
        return limits
    }

    /// What a flood is, in words.
    func load(of checks: [Check]) -> String {
        let rate = Double(self.rate ?? Self.floodRate)
        let samples = checks.first?.samples ?? 0
        let bytes = checks.first?.target.host?.address?.family == .v6 ? size + 48 : size + 28
        let megabits = rate * Double(bytes) * 8 / 1e6
        let span = Duration.nanoseconds(Int64(Double(samples) / rate * 1e9))
        let targets =
            checks.count == 1
            ? checks[0].target.description.escaped(limit: 80) : "each of \(checks.count) targets, one after the other"
        return
            "flood: \(samples) requests of \(bytes) bytes to \(targets), \(Int(rate)) a second for \(span.spoken): \(megabits.decimals(megabits < 10 ? 1 : 0)) Mbit/s there and as much back"
    }
}
