import Foundation
import Testing

@testable import LabKit

/// The path MTU to the byte: one network whose router takes, for each of the server's addresses, packets of another size.
@Suite(.enabled(if: LeadsmanBinary.obstacle == nil, Comment(rawValue: LeadsmanBinary.obstacle ?? "")))
struct PathMTUTests {
    private typealias Object = [String: Any]

    private static let sizes = [1280, 1400, 1450, 1492, 1500, 9000]
    /// What the links themselves take.
    private static let link = 9100

    private static func addresses(_ size: Int) -> [String] { ["198.18.5.\(size % 251)", "fd00:18:5::\(size)"] }

    /// A route's MTU counts for what a router forwards by it (ip_dst_mtu_maybe_forward), so that many limits need one network.
    private static var changes: [LabChange] {
        let wide = ["c to-r", "r to-c", "r to-s", "s to-r"].map { pair -> LabChange in
            let parts = pair.split(separator: " ")
            return .shell(String(parts[0]), "ip link set \(parts[1]) mtu \(link)")
        }
        let own = sizes.flatMap(addresses).map { "ip addr add \($0) dev lo" }.joined(separator: "\n")
        let routes = sizes.flatMap { size in
            zip(addresses(size), ["198.18.2.2", "fd00:18:2::2"]).map { "ip route add \($0) via \($1) mtu \(size)" }
        }.joined(separator: "\n")
        return wide + [.shell("s", own), .shell("r", routes), .http()]
    }

    private static let silence: [LabChange] = [
        .filter("r", at: "output", rule: "icmp type destination-unreachable icmp code frag-needed counter drop"),
        .filter("r", at: "output", rule: "icmpv6 type packet-too-big counter drop"),
    ]

    @Test(
        .enabled(if: LabRights.obstacle(.root) == nil, Comment(rawValue: LabRights.obstacle(.root) ?? "")),
        arguments: [true, false])
    func limit_isFoundToTheByte_asRoot(isSilent: Bool) async throws { try await find(.root, isSilent) }

    @Test(
        .enabled(if: LabRights.obstacle(.user) == nil, Comment(rawValue: LabRights.obstacle(.user) ?? "")),
        arguments: [true, false])
    func limit_isFoundToTheByte_asOrdinaryUser(isSilent: Bool) async throws { try await find(.user, isSilent) }

    private func find(_ builder: LabBuilder, _ isSilent: Bool) async throws {
        let checks = Self.sizes.flatMap { size in
            Self.addresses(size).map { "  - {name: \"\(size) \($0)\", mtu: \"\($0)\", port: 80}" }
        }.joined(separator: "\n")
        let report = try await run(builder, Self.changes + (isSilent ? Self.silence : []), checks)
        for check in report["checks"] as? [Object] ?? [] {
            let name = check["name"] as? String ?? ""
            let size = try #require(Int(name.prefix { $0 != " " }))
            let facts = (check["facts"] as? [Object] ?? []).filter { $0["type"] as? String == "pathMTU" }
            #expect(Set(facts.compactMap { $0["carrier"] as? String }) == ["icmp", "udp", "tcp"], "\(name)")
            for fact in facts where fact["direction"] as? String != "back" {
                let text = "\(name): \(fact)"
                #expect(fact["largestPassed"] as? Int == size, "\(text)")
                #expect(fact["ending"] as? String == (fact["smallestLost"] is NSNull ? "whole" : "found"), "\(text)")
                // Of TCP the own kernel may have learned the limit from what was sent before.
                if fact["carrier"] as? String != "tcp" || isSilent {
                    #expect(fact["smallestLost"] as? Int == size + 1, "\(text)")
                }
            }
        }
        let ids = Set((report["findings"] as? [Object] ?? []).compactMap { $0["id"] as? String })
        #expect(ids.subtracting(["vantage-throttled"]) == [isSilent ? "pmtu-black-hole" : "pmtu-reduced"])
        #expect((report["findings"] as? [Object] ?? []).count >= Self.sizes.count * 2)
    }

    private func run(_ builder: LabBuilder, _ changes: [LabChange], _ checks: String) async throws -> Object {
        let binary = try #require(LeadsmanBinary.path)
        return try await LabGate.shared.pass(alone: true) {
            try await Lab.with(.clientRouterServer, builder: builder) { lab in
                try await lab.apply(changes)
                let plan = lab.world.scratch.write("plan.yaml", "leadsman: 1\nchecks:\n\(checks)\n")
                let run = try await lab.run(in: "c", [binary, "run", plan, "--format", "json"], seconds: 60)
                return try #require(
                    try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? Object, "\(run.errors)")
            }
        }
    }
}
