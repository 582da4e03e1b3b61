import Connectivity
import Manifests
import NetValues
import Testing

/// Rows as people see them, and the rows by which two sets differ.
@Suite struct ConnectivityRowsTests {
    private static func rows(_ fixture: PolicyFixture) -> [String] {
        var rows: [String] = []
        ConnectivityRows(fixture.evaluation).forEach { row in
            let ends = [row.from, row.to].map { end in
                let except = end.except.map(\.description).joined(separator: ",")
                return end.name(in: fixture.state) + (except.isEmpty ? "" : " except \(except)")
            }
            rows.append("\(ends[0]) > \(ends[1]) \(row.ports)")
        }
        return rows
    }

    private static let two = """
        kind: Pod
        apiVersion: v1
        metadata: {name: a, namespace: n, labels: {app: a}}
        spec: {containers: []}
        ---
        kind: Pod
        apiVersion: v1
        metadata: {name: b, namespace: n, labels: {app: b}}
        spec: {containers: []}
        ---

        """

    private static func policy(_ rules: String) -> String {
        """
        kind: NetworkPolicy
        apiVersion: networking.k8s.io/v1
        metadata: {name: b, namespace: n}
        spec: {podSelector: {matchLabels: {app: b}}, policyTypes: [Ingress], ingress: \(rules)}

        """
    }

    @Test func everyPairThatMayTalk_isOneRow() {
        #expect(
            Self.rows(PolicyFixture(Self.two)) == [
                "n/a[Pod] > n/b[Pod] all ports", "n/a[Pod] > external all ports", "n/b[Pod] > n/a[Pod] all ports",
                "n/b[Pod] > external all ports", "external > n/a[Pod] all ports", "external > n/b[Pod] all ports",
            ])
    }

    @Test func whatMayNotTalk_hasNone() {
        #expect(
            Self.rows(PolicyFixture(Self.two + Self.policy("[]"))) == [
                "n/a[Pod] > external all ports", "n/b[Pod] > n/a[Pod] all ports", "n/b[Pod] > external all ports",
                "external > n/a[Pod] all ports",
            ])
    }

    @Test func theWorldOutside_isCutWherePoliciesCutIt() {
        let rules = """
            [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80}]}, \
            {from: [{ipBlock: {cidr: 10.1.2.0/24}}, {ipBlock: {cidr: 10.9.0.0/16}}], ports: [{port: 80}]}]
            """
        let rows = Self.rows(PolicyFixture(Self.two + Self.policy(rules))).filter { $0.contains("> n/b") }
        // 10.9.0.0/16 makes no difference within 10.0.0.0/8.
        #expect(
            rows == ["10.0.0.0/8 except 10.1.0.0/16 > n/b[Pod] TCP/80", "10.1.2.0/24 > n/b[Pod] TCP/80"])
    }

    @Test func twoHalves_areTheWhole() {
        let rules = "[{from: [{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}]}]"
        let rows = Self.rows(PolicyFixture(Self.two + Self.policy(rules))).filter { $0.contains("> n/b") }
        #expect(rows == ["0.0.0.0/0 > n/b[Pod] all ports"])
    }

    @Test func rowsOfOneEnd_areThoseOfAll() throws {
        let fixture = PolicyFixture(Self.two + Self.policy("[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"))
        var rows: [ConnectivityRow] = []
        let part = try #require(AddressRange("10.2.0.0/16"))
        ConnectivityRows(fixture.evaluation, from: .range(part), to: .workload(1)).forEach { rows.append($0) }
        #expect(rows.map(\.from) == [.range(part, except: [])] && rows.map(\.ports) == [.all])
    }

    private static func difference(_ old: String, _ new: String) -> [String] {
        var rows: [String] = []
        ConnectivityDifference(old: PolicyFixture(old).state, new: PolicyFixture(new).state).forEach { row in
            let reason =
                switch row.reason {
                case .decided(let by): "decided by \(by.map { "\($0.policy) \($0.rule ?? -1)" })"
                case .noLonger(let by): "no longer by \(by.map(\.policy))"
                case .workload(let title): "for \(title)"
                }
            rows.append("\(row.isGained ? "+" : "-") \(row.from) > \(row.to) \(row.ports) \(reason)")
        }
        return rows
    }

    @Test func aNewPolicy_takesAway_andARemovedOneGivesBack() {
        let (open, closed) = (Self.two, Self.two + Self.policy("[{from: [{podSelector: {}}], ports: [{port: 80}]}]"))
        let rest = "TCP/1-79, TCP/81-65535, UDP/all, SCTP/all"
        #expect(
            Self.difference(open, closed) == [
                "- n/a[Pod] > n/b[Pod] \(rest) decided by [\"n/b -1\"]",
                "- external > n/b[Pod] all ports decided by [\"n/b -1\"]",
            ])
        #expect(
            Self.difference(closed, open) == [
                "+ n/a[Pod] > n/b[Pod] \(rest) no longer by [\"n/b\"]",
                "+ external > n/b[Pod] all ports no longer by [\"n/b\"]",
            ])
        #expect(Self.difference(closed, closed).isEmpty)
    }

    @Test func aRule_isNamedForWhatItGives() {
        let closed = Self.two + Self.policy("[]")
        let open = Self.two + Self.policy("[{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 80}]}]")
        #expect(Self.difference(closed, open) == ["+ 10.0.0.0/8 > n/b[Pod] TCP/80 decided by [\"n/b 0\"]"])
    }

    @Test func aWorkload_isNamedForItsOwnRows() {
        let one = Self.two.components(upTo: "---")
        #expect(Self.difference(Self.two, one).contains("- n/a[Pod] > n/b[Pod] all ports for n/b[Pod]"))
    }
}

extension String {
    fileprivate func components(upTo mark: String) -> String { split(separator: mark).first.map(String.init) ?? "" }
}
