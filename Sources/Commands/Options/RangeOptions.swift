import ArgumentParser
import NetValues
import Planning

/// What is declared of ranges, and how many endpoints they may have.
struct RangeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Of a range: the ports that must be reachable; any other that answers is a finding.", valueName: "ports"))
    var open: PortList?

    @OptionGroup var limit: RangeLimit

    var mostTargets: Int { limit.mostTargets }
    var counter: RangeCounter { RangeCounter(limit: mostTargets) }

    func expectation(_ expect: ExpectOptions, with parameters: [String: ParameterValue]) throws -> Expectation {
        if open != nil, expect.expect != .reachable {
            throw ValidationError("--open and --expect exclude each other")
        }
        var expectation = expect.expectation(with: parameters)
        expectation.open = open?.ports
        return expectation
    }

    /// - Throws: why `--open` cannot be meant for this target.
    func ensureOpen(of target: CheckTarget) throws(PlanProblem) {
        let range: TargetRange? = if case .range(_, let range) = target { range } else { nil }
        try ensureOpen(of: range)
    }

    func ensureOpen(of range: TargetRange?) throws(PlanProblem) {
        guard let open else { return }
        guard let range, range.ports != nil else {
            throw PlanProblem("--open goes with a range of ports, such as 198.18.0.0/28:1-1024")
        }
        if let odd = open.ports.first(where: { !range.hasPort($0) }) {
            throw PlanProblem("--open: port \(odd) is not in the range \(range.text.escaped(limit: 80))")
        }
    }
}

struct RangeLimit: ParsableArguments {
    @Option(help: ArgumentHelp("How many endpoints ranges may have together.", valueName: "count"))
    var mostTargets: Int = TargetRange.usualLimit

    func validate() throws {
        guard (1...TargetRange.largestLimit).contains(mostTargets) else {
            throw ValidationError("--most-targets takes 1 to \(TargetRange.largestLimit)")
        }
    }
}

/// Counts the endpoints of the ranges of a command line.
struct RangeCounter {
    let limit: Int
    private var used = 0

    init(limit: Int) {
        self.limit = limit
    }

    /// - Throws: what is wrong where there would be too many.
    mutating func add(_ range: TargetRange) throws(PlanProblem) {
        if let excess = range.excess(over: limit, used: used) { throw excess }
        used += range.count
    }
}
