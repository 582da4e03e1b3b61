import Connectivity
import Manifests
import NetValues
import Testing

/// Two evaluators that share nothing must agree on every packet of every world.
@Suite struct PolicyOracleTests {
    private struct Comparison {
        let fixture: PolicyFixture
        let oracle: PolicyOracle
        let ends: [(party: Party, end: PolicyOracle.End)]
        var cases = 0
        var allowed = 0
        var disagreements: [String] = []

        init(seed: UInt64) throws {
            fixture = PolicyFixture(PolicyWorld(seed: seed).text)
            oracle = PolicyOracle(fixture.state.set.objects)
            let pods = fixture.state.workloads.indices.map { (Party.workload($0), PolicyOracle.End.pod($0)) }
            let addresses = try PolicyWorld.outside.map { text in
                (Party.range(try #require(AddressRange(text))), PolicyOracle.End.address(text))
            }
            ends = pods + addresses
        }

        mutating func run() throws {
            let rows = rows()
            for (from, fromEnd) in ends {
                for (to, toEnd) in ends {
                    // Between two addresses outside there is nothing to judge.
                    if case .range = from, case .range = to { continue }
                    let ports = fixture.evaluation.ports(from: from, to: to)
                    for transport in PortTransport.allCases {
                        for port in PolicyWorld.ports {
                            let number = try #require(UInt16(exactly: port))
                            let expected = oracle.allows(fromEnd, toEnd, transport.rawValue, port)
                            let verdict = fixture.evaluation.verdict(
                                from: from, to: to, transport: transport, port: number)
                            let told = from == to ? true : Self.tells(rows, from, to, transport, number)
                            cases += 1
                            allowed += expected ? 1 : 0
                            if verdict.isAllowed != expected || ports.contains(transport, number) != expected
                                || told != expected
                            {
                                disagreements.append("\(from) \(to) \(transport) \(port): oracle \(expected)")
                            }
                        }
                    }
                }
            }
        }

        private func rows() -> [ConnectivityRow] {
            var rows: [ConnectivityRow] = []
            ConnectivityRows(fixture.evaluation).forEach { rows.append($0) }
            return rows
        }

        /// Whether one row says so; two that speak of the same address would be a mistake of their own.
        private static func tells(
            _ rows: [ConnectivityRow], _ from: Party, _ to: Party, _ transport: PortTransport, _ port: UInt16
        ) -> Bool {
            let told = rows.filter { holds($0.from, from) && holds($0.to, to) }
            return told.count == 1 && told[0].ports.contains(transport, port)
        }

        private static func holds(_ end: ConnectivityEnd, _ party: Party) -> Bool {
            switch (end, party) {
            case (.workload(let index), .workload(let wanted)): index == wanted
            case (.external, .range): true
            case (.range(let range, let except), .range(let wanted)):
                range.contains(wanted) && !except.contains { $0.contains(wanted) }
            default: false
            }
        }
    }

    /// Sixteen parts, so that they run side by side; one seed that fails is enough to make the world again.
    @Test(arguments: 0..<16)
    func verdictsPortsAndRows_areTheOracles(part: Int) throws {
        var cases = 0
        var allowed = 0
        for seed in 0..<8 {
            let seed = UInt64(part * 1000 + seed)
            var comparison = try Comparison(seed: seed)
            try comparison.run()
            #expect(comparison.fixture.evaluation.refused.isEmpty, "seed \(seed) has a policy that the API refuses")
            #expect(comparison.disagreements.isEmpty, "seed \(seed): \(comparison.disagreements.prefix(5))")
            cases += comparison.cases
            allowed += comparison.allowed
        }
        // Worlds in which nearly all is allowed, or nothing, would prove little.
        #expect(cases > 5000 && allowed > cases / 10 && allowed < cases * 19 / 20, "\(allowed) of \(cases) allowed")
    }
}
