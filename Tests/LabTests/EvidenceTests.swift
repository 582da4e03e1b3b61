import Foundation
import Testing

@testable import LabKit

/// Packets beside probes (`--evidence`), in networks with a known fault: what of it was on the wire.
@Suite(
    .enabled(if: LeadsmanBinary.obstacle == nil, Comment(rawValue: LeadsmanBinary.obstacle ?? "")),
    .enabled(if: LabRights.obstacle(.root) == nil, Comment(rawValue: LabRights.obstacle(.root) ?? "")))
struct EvidenceTests {
    private typealias Object = [String: Any]

    private struct Run {
        let checks: [String: Object]
        let files: [String]

        func flows(_ check: String) -> [Object] {
            ((checks[check]?["packets"] as? Object)?["flows"] as? [Object] ?? []).filter {
                $0["protocol"] as? String == "tcp"
            }
        }

        /// Flags of each packet, with an arrow for its direction.
        func events(_ check: String) -> [String] {
            flows(check).flatMap { $0["events"] as? [Object] ?? [] }.map { event in
                let flags = (event["flags"] as? [String] ?? []).joined(separator: "+")
                return (event["from"] as? String == "a" ? "> " : "< ") + flags
            }
        }
    }

    private func run(_ changes: [LabChange], _ checks: String) async throws -> Run {
        let binary = try #require(LeadsmanBinary.path)
        return try await LabGate.shared.pass(alone: false) {
            try await Lab.with(.clientRouterServer, builder: .root) { lab in
                try await lab.apply(changes)
                let plan = lab.world.scratch.write(
                    "plan.yaml", "leadsman: 1\ndefaults: {timeout: 1500ms}\nchecks:\n\(checks)\n")
                let folder = lab.filled("{lab}/evidence")
                let run = try await lab.run(
                    in: "c", [binary, "run", plan, "--evidence-dir", folder, "--format", "json"], seconds: 60)
                let root = try #require(
                    try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? Object, "\(run.errors)")
                let list = root["checks"] as? [Object] ?? []
                let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                return Run(
                    checks: Dictionary(list.map { ($0["name"] as? String ?? "", $0) }) { first, _ in first },
                    files: files)
            }
        }
    }

    @Test("A dropped port: SYNs leave and nothing comes; one that works; the failed one has a file")
    func dropped() async throws {
        let run = try await run(
            [.web("s", port: 80), .filter("r", at: "forward", rule: "tcp dport 81 drop")],
            """
              - {name: open, tcp: "198.18.2.2:80"}
              - {name: "dropped, 81", tcp: "198.18.2.2:81"}
            """)
        #expect(run.events("open").prefix(3) == ["> SYN", "< SYN+ACK", "> ACK"])
        #expect(run.events("dropped, 81") == ["> SYN", "> SYN"])
        #expect((run.checks["open"]?["packets"] as? Object)?["complete"] as? Bool == true)
        #expect(run.files == ["dropped--81.pcap"])
    }

    @Test("A refusal of the target's own, and one in its name: the TTL tells")
    func resets() async throws {
        let run = try await run(
            [.web("s", port: 80), .filter("r", at: "forward", rule: "tcp dport 81 reject with tcp reset")],
            """
              - {name: closed, tcp: "198.18.2.2:82"}
              - {name: forged, tcp: "198.18.2.2:81"}
            """)
        #expect(run.events("closed") == ["> SYN", "< ACK+RST"] || run.events("closed") == ["> SYN", "< RST+ACK"])
        #expect(run.flows("closed").first?["hopLimitsBtoA"] as? [Int] == [63, 63])
        #expect(run.flows("forged").first?["hopLimitsBtoA"] as? [Int] == [64, 64])
    }

    @Test("An answer that the own host throws away (rp_filter) is on the wire all the same")
    func reversePathFilter() async throws {
        // What carries a mark goes by the link to the router; without one, as the kernel looks when the answer comes, the way to the
        // server is another interface.
        let run = try await run(
            [
                .web("s", port: 80),
                .shell(
                    "c",
                    """
                    ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up && ip route add 198.18.2.2/32 dev d0 src 198.18.1.2
                    ip route add default via 198.18.1.1 dev to-r table 100 && ip rule add fwmark 1 table 100
                    sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.to-r.rp_filter=1
                    nft add table ip marks
                    nft add chain ip marks out "{ type route hook output priority 0; }"
                    nft add rule ip marks out ip daddr 198.18.2.2 meta mark set 1
                    """),
            ],
            """
              - {name: unheard, tcp: "198.18.2.2:80"}
            """)
        #expect(run.checks["unheard"]?["status"] as? String == "failed")
        let events = run.events("unheard")
        #expect(events.contains("> SYN") && events.contains("< SYN+ACK") && !events.contains("> ACK"), "\(events)")
    }

    /// As kube-proxy and sidecars do: the packets of a Service have the addresses of its pods.
    @Test("What the own host translates is no denial: the packets are found by the port they come from")
    func translated() async throws {
        let run = try await run(
            [
                .web("s", port: 80), .filter("s", at: "input", rule: "tcp dport 81 drop"),
                .shell(
                    "c",
                    """
                    nft add table ip services
                    nft add chain ip services out "{ type nat hook output priority -100; }"
                    nft add chain ip services post "{ type nat hook postrouting priority 100; }"
                    nft add rule ip services out ip daddr 198.19.0.1 tcp dport 80 dnat to 198.18.2.2:80
                    nft add rule ip services out ip daddr 198.19.0.2 tcp dport 80 dnat to 198.18.2.2:81
                    nft add rule ip services out ip daddr 198.19.0.3 tcp dport 80 dnat to 198.18.2.2:81
                    nft add rule ip services post ct original ip daddr 198.19.0.3 masquerade fully-random
                    """),
            ],
            """
              - {name: works, tcp: "198.19.0.1:80"}
              - {name: silent, tcp: "198.19.0.2:80"}
              - {name: masqueraded, tcp: "198.19.0.3:80"}
            """)
        #expect(run.checks["works"]?["status"] as? String == "passed")
        #expect(run.flows("silent").map { $0["b"] as? String } == ["198.18.2.2:81"])
        for check in ["silent", "masqueraded"] {
            // The router has no way for the datagram beside it, which is not translated.
            #expect(run.checks[check]?["status"] as? String == "failed")
            #expect(run.checks[check]?["reason"] as? String != "local-egress-denied")
        }
    }

    @Test("A next hop that is not there is no denial either")
    func noNextHop() async throws {
        let run = try await run(
            [.shell("c", "ip route add 198.19.0.0/24 via 198.18.1.77")],
            """
              - {name: far, tcp: "198.19.0.1:80"}
            """)
        #expect(run.checks["far"]?["reason"] as? String != "local-egress-denied")
    }

    @Test("A packet that passes several interfaces of the own host was sent once")
    func severalInterfaces() async throws {
        let run = try await run(
            [
                .web("s", port: 80), .filter("s", at: "input", rule: "tcp dport 81 drop"),
                .shell(
                    "c",
                    """
                    ip link add b0 type bridge && ip link set b0 up && ip link add b1 type bridge && ip link set b1 up
                    ip link add p0 type veth peer name p1 && ip link set p0 master b0 up && ip link set p1 master b1 up
                    ip addr flush dev to-r scope global && ip link set to-r master b0
                    ip addr add 198.18.1.2/24 dev b1 && ip route replace default via 198.18.1.1
                    """),
            ],
            """
              - {name: open, tcp: "198.18.2.2:80", samples: 5, interval: 10ms}
              - {name: silent, tcp: "198.18.2.2:81"}
            """)
        #expect(run.checks["open"]?["status"] as? String == "passed")
        let silent = try #require(run.flows("silent").first?["tcp"] as? Object)
        #expect((silent["aToB"] as? Object)?["syns"] as? Int == 2)
    }
}
