import Diagnosis
import NetValues
import Observations
import Planning
import Testing
import Wire

private func place(_ text: String) -> IPAddress { IPAddress(text) ?? target.address }

private func within(_ items: String...) throws -> Planning.Expectation {
    Planning.Expectation(isDeclared: true, within: try AddressDemand(items))
}

private func connects(to name: String, at addresses: String..., expect: Planning.Expectation, severity: Severity? = nil)
    -> CheckRecord
{
    let host = Host(name) ?? .address(target.address)
    let facts = addresses.map { text in
        Fact.connect(
            ConnectFact(
                endpoint: Endpoint(place(text), 443), source: ownAddress, elapsed: .milliseconds(1),
                outcome: .connected, tcp: nil))
    }
    let resolution = ResolutionFact(
        host: host, source: .dns, tried: [], outcome: .addresses(addresses.map(place)), elapsed: .zero)
    return record(
        "db", target: .hostPort(HostPort(host: host, port: 443)), expect: expect, severity: severity,
        [sample(.answered, [.resolution(resolution)] + facts)])
}

/// A DNS check whose answer has these aliases and this address.
private func lookup(_ names: String..., at text: String, expect: Planning.Expectation = Planning.Expectation())
    -> CheckRecord
{
    let aliases = zip(names, names.dropFirst()).map { DNSRecord(name: $0, type: .cname, ttl: 30, data: .name($1)) }
    let last = DNSRecord(name: names[names.count - 1], type: .a, ttl: 30, data: .address(place(text)))
    let message = DNSMessage(id: 1, isResponse: true, recursionAvailable: true, answers: aliases + [last])
    let fact = DNSFact(
        server: resolverA, transport: .udp, step: .query, name: name(names[0]), type: .a, elapsed: .milliseconds(1),
        outcome: .answered(message))
    return record("name", kind: "dns", target: .name(name(names[0])), expect: expect, [sample(.answered, [.dns(fact)])])
}

@Suite struct RegionPolicyViolationTests {
    @Test func anAddressOutside_isTold() throws {
        let judgement = judge(connects(to: "db.eu", at: "10.1.0.1", "10.2.0.1", expect: try within("10.1.0.0/16")))
        #expect(judgement.ids == ["region-policy-violation"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.severity == .warning && finding.confidence == .certain)
        #expect(finding.summary.contains("10.2.0.1") && !finding.summary.contains("10.1.0.1"))
        #expect(judgement.status("db") == .warned)
    }

    @Test func theDeclaredSeverity_isItsOwn() throws {
        let judgement = judge(
            connects(to: "db.eu", at: "10.2.0.1", expect: try within("10.1.0.0/16"), severity: .error))
        #expect(judgement.findings.map(\.severity) == [.error])
        #expect(judgement.verdict == .failing)
    }

    @Test func inside_ofAnyRange_orUndeclared_isSilent() throws {
        #expect(
            judge(connects(to: "db.eu", at: "10.1.0.1", "fd00::1", expect: try within("10.1.0.0/16", "fd00::/8"))).ids
                .isEmpty)
        #expect(judge(connects(to: "db.eu", at: "52.1.1.1", expect: Planning.Expectation())).ids.isEmpty)
    }

    @Test func namesAlone_areJudgedByTheirAnswers() throws {
        #expect(
            judge(lookup("db.eu.", at: "10.2.0.1", expect: try within("10.1.0.0/16"))).ids == [
                "region-policy-violation"
            ])
    }

    @Test func redirects_areNotTheTarget() throws {
        let other = ResolutionFact(
            host: .name(name("login.test")), source: .dns, tried: [], outcome: .addresses([place("52.1.1.1")]),
            elapsed: .zero)
        var record = connects(to: "db.eu", at: "10.1.0.1", expect: try within("10.1.0.0/16"))
        record.samples = record.samples.map { sample(.answered, $0.facts + [.resolution(other)]) }
        #expect(judge(record).ids.isEmpty)
    }
}

@Suite struct PrivateTrafficTests {
    @Test func declaredPrivate_andPublic() throws {
        let judgement = judge(connects(to: "db.eu", at: "52.1.1.1", expect: try within("private")))
        #expect(judgement.ids == ["private-traffic-via-internet"])
        #expect(try #require(judgement.findings.first).confidence == .certain)
        #expect(judge(connects(to: "db.eu", at: "10.0.0.1", expect: try within("private"))).ids.isEmpty)
    }

    @Test func aPrivateEndpoint_thatEndsInPublic() throws {
        let judgement = judge(lookup("a.blob.test.", "a.privatelink.blob.test.", "b.store.test.", at: "52.1.1.1"))
        #expect(judgement.ids == ["private-traffic-via-internet"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.confidence == .likely)
        #expect(finding.evidence.contains { $0.contains("a.blob.test → a.privatelink.blob.test → b.store.test") })
    }

    @Test(arguments: [
        (["a.blob.test.", "a.privatelink.blob.test."], "10.0.0.5"), (["public.test."], "52.1.1.1"),
        (["db.prod.svc.cluster.local.", "rds.cloud.test."], "52.1.1.1"), (["a.corp.internal."], "10.0.0.1"),
        (["svc.test."], "52.1.1.1"), (["a.svc.test."], "52.1.1.1"), (["internal.test."], "52.1.1.1"),
        (["notprivatelink.test."], "52.1.1.1"), (["metadata.google.internal."], "169.254.169.254"),
    ])
    func whatIsMeantSo_isSilent(_ names: [String], _ text: String) {
        let record =
            names.count == 1 ? lookup(names[0], at: text) : lookup(names[0], names[1], at: text)
        #expect(judge(record).ids.isEmpty)
    }

    @Test(arguments: ["db.prod.svc.cluster.local.", "a.corp.internal."])
    func namesOfPrivateUse_withPublicAddresses(_ text: String) {
        #expect(judge(lookup(text, at: "52.1.1.1")).ids == ["private-traffic-via-internet"])
    }

    @Test func aDeclaredRange_isMeantSo() throws {
        #expect(judge(lookup("a.corp.internal.", at: "52.1.1.1", expect: try within("52.1.0.0/16"))).ids.isEmpty)
    }
}

@Suite struct ProxyInPathTests {
    private static func answered(_ headers: (name: String, value: String)...) -> CheckRecord {
        let url = HTTPURL(scheme: .http, host: .address(target.address))
        let response = HTTPResponse(
            version: "HTTP/1.1", status: 200, reason: "OK", headers: headers, bodyBytes: 0, isBodyCut: false,
            bodyStart: [])
        let fact = HTTPFact(
            url: url, endpoint: Endpoint(target.address, 80), method: "GET", outcome: .responded(response),
            firstByte: nil, elapsed: .milliseconds(2))
        return record("page", kind: "http", target: .url(url), [sample(.answered, [.http(fact)])])
    }

    @Test(arguments: [("Via", "1.1 edge"), ("server", "envoy"), ("X-Envoy-Upstream-Service-Time", "3")])
    func anAnswerThatNamesIt_isCertain(_ field: String, _ value: String) throws {
        let judgement = judge(Self.answered((name: field, value: value)))
        #expect(judgement.ids == ["proxy-in-path"])
        let finding = try #require(judgement.findings.first)
        #expect(finding.severity == .info && finding.confidence == .certain)
        #expect(judgement.verdict == .healthy && judgement.status("page") == .passed)
    }

    @Test func anOrdinaryAnswer_isSilent() {
        #expect(judge(Self.answered((name: "Server", value: "nginx"), (name: "Age", value: "3"))).ids.isEmpty)
    }

    /// One second apart.
    private static func echoes(_ trips: [Duration?], _ outcome: EchoFact.Outcome = .replied) -> CheckRecord {
        record(
            "echo", kind: "icmp", target: .host(.address(target.address)),
            trips.enumerated().map { index, trip in
                Sample(
                    index: index, startedAt: .seconds(index),
                    outcome: outcome == .replied ? .answered : .failed(.echo), latency: trip,
                    facts: [
                        .echo(EchoFact(address: target.address, sequence: index, outcome: outcome, roundTrip: trip))
                    ])
            })
    }

    /// They all waited for the neighbour's address.
    @Test func echoesThatArriveTogether_areNoSign() {
        let waiting = Self.echoes([.milliseconds(2040), .milliseconds(1040), .milliseconds(40)])
        #expect(!judge(tcp(.connected), waiting).ids.contains("proxy-in-path"))
    }

    @Test func aConnectionThatIsFasterThanEchoes() {
        let slow = Self.echoes([.milliseconds(40), .milliseconds(41), .milliseconds(45)])
        #expect(judge(tcp(.connected), slow).ids == ["proxy-in-path"])
        #expect(judge(tcp(.connected, elapsed: .milliseconds(38)), slow).ids.isEmpty)
        #expect(judge(tcp(.connected), Self.echoes([.milliseconds(40)])).ids.isEmpty)
        #expect(
            judge(tcp(.connected), Self.echoes([.milliseconds(2), .milliseconds(41), .milliseconds(45)])).ids.isEmpty)
    }

    @Test func aConnectionToAnAddressThatNobodyHas() {
        let gone = Self.echoes([.milliseconds(3)], .failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 1))))
        #expect(judge(tcp(.connected), gone).ids.contains("proxy-in-path"))
        let filtered = Self.echoes([.milliseconds(3)], .failed(failure("EHOSTUNREACH", 113, icmp: icmp(3, 13))))
        #expect(!judge(tcp(.connected), filtered).ids.contains("proxy-in-path"))
    }

    @Test func aConnectionThatIsNearerThanTheWay() {
        func sounding(_ carrier: SoundingFact.Carrier, _ outcomes: SoundingFact.Hop.Outcome...) -> Fact {
            let hops = outcomes.enumerated().map {
                SoundingFact.Hop(limit: $0 + 1, outcome: $1, roundTrip: .milliseconds(1))
            }
            return .sounding(SoundingFact(endpoint: target, carrier: carrier, hops: hops, elapsed: .milliseconds(3)))
        }
        let near = tcp(
            .connected,
            also: [sounding(.tcp, .answered), sounding(.udp, .expired(router), .expired(router), .answered)])
        #expect(judge(near).ids == ["proxy-in-path"])
        let same = tcp(
            .connected,
            also: [sounding(.tcp, .expired(router), .answered), sounding(.udp, .expired(router), .answered)])
        #expect(judge(same).ids.isEmpty)
    }
}
