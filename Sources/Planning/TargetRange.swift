import NetValues

/// Many endpoints in few words: `198.18.0.0/28:22,80,443`, `host:8000-8010`, `[fd00:18::/124]:443`, `198.18.0.1-198.18.0.9:80`;
/// for kinds without ports `198.18.0.0/28`. Only counted until it is known to be within what a run allows.
package struct TargetRange: Hashable, Sendable {
    package enum Hosts: Hashable, Sendable {
        case host(Host)
        case addresses(AddressSpan)
    }

    /// Of all ranges of a run together, where nothing else is said.
    package static let usualLimit = 4096
    package static let largestLimit = 1_000_000

    /// As written.
    package let text: String
    package let hosts: Hosts
    /// In order, none twice; nil for a kind without ports.
    package let ports: [ClosedRange<UInt16>]?

    /// Nil for what is no range, which may be a target of one endpoint or a mistake.
    /// - Throws: what is wrong with what was meant as a range.
    package init?(_ text: String, form: Target.Form) throws(PlanProblem) {
        guard form == .host || form == .hostPort, text.utf8.count <= Self.longestText else { return nil }
        guard let parts = RangeText(text, hasPorts: form == .hostPort), parts.isRange else { return nil }
        self.text = text
        hosts = try parts.hosts()
        ports = try parts.portRanges()
    }

    private static let longestText = 4096

    package var hostCount: Int {
        if case .addresses(let span) = hosts { span.count } else { 1 }
    }

    package var portCount: Int { ports.map { $0.reduce(0) { $0 + $1.count } } ?? 1 }

    /// Endpoints, or `Int.max` for more than can be counted.
    package var count: Int {
        let (product, isTooLarge) = hostCount.multipliedReportingOverflow(by: portCount)
        return isTooLarge ? .max : product
    }

    /// Its endpoints by address, then by port, at most so many.
    package func targets(upTo limit: Int) -> [Target] {
        let all: [Host] =
            switch hosts {
            case .host(let host): [host]
            case .addresses(let span): span.addresses(upTo: limit).map { .address($0) }
            }
        guard let ports else { return all.prefix(limit).map { .host($0) } }
        var targets: [Target] = []
        for host in all {
            for range in ports {
                for port in range {
                    guard targets.count < limit else { return targets }
                    targets.append(.hostPort(HostPort(host: host, port: port)))
                }
            }
        }
        return targets
    }

    package func hasPort(_ port: UInt16) -> Bool { ports?.contains { $0.contains(port) } ?? false }

    /// Why so many endpoints are not probed; nil where they are within what is left.
    package func excess(over limit: Int, used: Int = 0) -> PlanProblem? {
        guard count > limit - used else { return nil }
        let size = count == .max ? "more endpoints than can be counted" : "\(count) endpoints"
        let beside = used > 0 ? " beside \(used) of other ranges" : ""
        return PlanProblem(
            "the range `\(text.escaped(limit: 80))` has \(size)\(beside), and a run probes at most \(limit): name fewer, or raise `limits: {targets: N}` (--most-targets N)"
        )
    }
}

extension Check {
    /// A check of its own for each endpoint of a range, told together by `range`.
    package func members(of range: TargetRange, upTo limit: Int) -> [Check] {
        range.targets(upTo: limit).map { target in
            var check = self
            check.name = "\(name) [\(target)]"
            check.target = target
            check.range = range.text
            if let open = expectation.open, let port = target.port {
                check.expectation.isDeclared = true
                if !open.contains(port) {
                    check.expectation = Expectation(
                        word: .blocked, isDeclared: true, within: expectation.within, isClosedByOmission: true)
                }
            }
            return check
        }
    }

    /// What is wrong with `open` of this check, nil where it is right.
    package func openMistake(_ range: TargetRange?) -> PlanProblem? {
        guard let open = expectation.open else { return nil }
        guard let range, range.ports != nil else {
            return PlanProblem(
                "`open` lists the ports of a range that must be reachable, and the target is one endpoint: write a range (HOST:1-1024), or `expect: reachable`",
                at: expectation.parameters.places["open"])
        }
        guard let odd = open.first(where: { !range.hasPort($0) }) else { return nil }
        return PlanProblem("open: port \(odd) is not in the range", at: expectation.parameters.places["open"])
    }
}
