import DNSProbe
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Testing
import Wire

private let one = Endpoint(.v4(IPv4Address(bits: 0xc000_0235)), 53)
private let two = Endpoint(.v4(IPv4Address(bits: 0xc000_0236)), 53)
private let inside = IPAddress.v4(IPv4Address(bits: 0x0a60_0001))

/// What the dns probe asks beside its own questions.
@Suite struct DNSFurtherTests {
    private func run(
        _ name: String, _ keys: [String: ParameterValue], samples: Int = 1,
        _ script: @escaping @Sendable (ScriptedDNS.Asked) -> ScriptedDNS.Reply
    ) async throws -> (facts: [DNSFact], asked: [ScriptedDNS.Asked]) {
        let time = ScriptedDNSTime()
        let dns = ScriptedDNS(time: time, script: script)
        let check = Check(
            name: "name", kind: "dns", target: try #require(Target(name, form: .name)), samples: samples,
            timeout: .seconds(4),
            parameters: Parameters(keys.merging(["servers": .list([one.description])]) { given, _ in given }))
        let taken = try await runProbe(
            try DNSProbe(check: check), check: check, capabilities: .scripted(dns: dns), time: time)
        return (taken.flatMap(\.facts).compactMap { if case .dns(let fact) = $0 { fact } else { nil } }, dns.asked)
    }

    private func missing(_ asked: ScriptedDNS.Asked, isAuthoritative: Bool = false) -> ScriptedDNS.Reply {
        var message = asked.query.answered(rcode: .nxDomain)
        message.isAuthoritative = isAuthoritative
        return .message(message)
    }

    @Test func aMissingName_isAskedForAgain_inTheFirstSampleOnly() async throws {
        let (facts, _) = try await run("db.test", ["type": .text("A")], samples: 2) { missing($0) }
        #expect(facts.count { $0.step == .query } == 2)
        #expect(facts.count { $0.step == .repeated } == 6)
    }

    @Test func anAuthority_isNotAskedAgain() async throws {
        let (facts, _) = try await run("db.test", ["type": .text("A")]) { missing($0, isAuthoritative: true) }
        #expect(facts.map(\.step) == [.query])
    }

    @Test func repeats_endWithTheFirstSilence() async throws {
        let (facts, _) = try await run("db.test", ["type": .text("A")]) { $0.before < 2 ? missing($0) : .silence }
        #expect(facts.count { $0.step == .repeated } == 2)
    }

    @Test func randomNames_areOfUnrelatedZones_andOnlyAskedForWhereWanted() async throws {
        let answer: @Sendable (ScriptedDNS.Asked) -> ScriptedDNS.Reply = {
            .message($0.query.answered([.address(inside)]))
        }
        let (facts, _) = try await run("db.test", ["type": .text("A"), "randomNames": .flag(true)], samples: 2, answer)
        let zones = facts.filter { $0.step == .random }.compactMap(\.name.labels.last)
        #expect(Set(zones) == ["com", "net", "org", "invalid"] && zones.count == 4)
        #expect(try await run("db.test", ["type": .text("A")], answer).facts.map(\.step) == [.query])
    }

    @Test func aDispute_isAReasonToDoubtTheServerThatHasTheName() async throws {
        let keys: [String: ParameterValue] = [
            "type": .text("A"), "servers": .list([one.description, two.description]),
        ]
        let (facts, _) = try await run("db.test", keys) {
            $0.server == one ? missing($0) : .message($0.query.answered([.address(inside)]))
        }
        #expect(Set(facts.filter { $0.step == .random }.map(\.server)) == [two])
    }

    @Test func hostsOfSRVRecords_andTheServiceAboveThem_areLookedUp() async throws {
        let name = "_pg._tcp.db.prod.svc.cluster.local."
        let (facts, _) = try await run(name, ["type": .text("SRV")]) { asked in
            guard asked.type == .srv else { return .message(asked.query.answered([.address(inside)])) }
            let target = "db-0.db.prod.svc.cluster.local."
            return .message(asked.query.answered([.srv(priority: 0, weight: 1, port: 5432, target: target)]))
        }
        let hosts = facts.filter { $0.step == .target }.map { "\($0.name) \($0.type)" }
        #expect(
            Set(hosts) == [
                "db-0.db.prod.svc.cluster.local. A", "db-0.db.prod.svc.cluster.local. AAAA",
                "db.prod.svc.cluster.local. A",
                "db.prod.svc.cluster.local. AAAA",
            ])
    }

    @Test func namesOfTheAddresses_areBounded() async throws {
        let many = (0..<40).map { DNSRecordData.address(.v4(IPv4Address(bits: 0x0a00_0000 | UInt32($0)))) }
        let (facts, _) = try await run("db.test", ["type": .text("A"), "reverse": .flag(true)]) { asked in
            asked.type == .ptr ? missing(asked) : .message(asked.query.answered(many))
        }
        #expect(facts.count { $0.step == .reverse } == 8)
    }
}
