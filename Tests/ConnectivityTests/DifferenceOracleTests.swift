import Connectivity
import Manifests
import NetValues
import Testing

/// The rows of a difference are, pair by pair, what two evaluations say apart.
@Suite struct DifferenceOracleTests {
    private struct Side {
        let fixture: PolicyFixture
        let places: [String: Int]

        init(seed: UInt64) {
            fixture = PolicyFixture(PolicyWorld(seed: seed).text)
            places = Dictionary(
                fixture.state.workloads.enumerated().map { ($1.title, $0) }, uniquingKeysWith: { $1 })
        }

        func ports(_ from: String, _ to: String) -> AllowedPorts {
            guard let from = party(from), let to = party(to) else { return .none }
            return fixture.evaluation.ports(from: from, to: to)
        }

        private func party(_ name: String) -> Party? {
            name.contains("[") ? places[name].map { .workload($0) } : AddressRange(name).map { .range($0) }
        }
    }

    private static func isAbout(_ name: String, _ except: [AddressRange], _ end: String) -> Bool {
        guard let address = AddressRange(end) else { return name == end }
        if name == "external" { return true }
        return AddressRange(name)?.contains(address) == true && !except.contains { $0.contains(address) }
    }

    @Test(arguments: 0..<12)
    func rows_areWhatEachPairGainsAndLoses(part: Int) {
        var changes = 0
        for seed in 0..<6 {
            let seed = UInt64(part * 1000 + seed * 2)
            let (old, new) = (Side(seed: seed), Side(seed: seed + 1))
            var rows: [ConnectivityDifference.Row] = []
            ConnectivityDifference(old: old.fixture.state, new: new.fixture.state).forEach { rows.append($0) }
            let titles = Set(old.places.keys).union(new.places.keys).sorted()
            for from in titles + PolicyWorld.outside {
                for to in titles + PolicyWorld.outside where from != to && (from.contains("[") || to.contains("[")) {
                    let (before, after) = (old.ports(from, to), new.ports(from, to))
                    for (isGained, expected) in [(true, after.subtracting(before)), (false, before.subtracting(after))]
                    where before != after {
                        let told = rows.filter {
                            $0.isGained == isGained && Self.isAbout($0.from, $0.fromExcept, from)
                                && Self.isAbout($0.to, $0.toExcept, to)
                        }
                        changes += told.count
                        #expect(
                            told.map(\.ports) == (expected.isEmpty ? [] : [expected]),
                            "seed \(seed): \(from) > \(to) \(isGained ? "gains" : "loses") \(expected)")
                    }
                }
            }
        }
        #expect(changes > 50)
    }
}
