import Foundation
import PacketBuilding
import Testing
import Wire

/// `leadsman pcap` on files made here.
@Suite struct PcapTests {
    /// A web connection of ten packets, half a second each, and a ping.
    static func capture(from time: Int64 = 1_769_860_800_000_000_000) -> CaptureBytes {
        let (client, server): (PacketEndpoint, PacketEndpoint) = ("198.18.0.1:40000", "198.18.0.2:8080")
        let request = Array("GET /orders?token=secret HTTP/1.1\r\nHost: api.test\r\n\r\n".utf8)
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)
        let (sent, got) = (UInt32(1001 + request.count), UInt32(5001 + answer.count))
        let packets: [[UInt8]] = [
            PacketBytes.tcp(client, server, .syn, sequence: 1000, options: [.mss(1460)]),
            PacketBytes.tcp(
                server, client, [.syn, .ack], sequence: 5000, acknowledgement: 1001, options: [.mss(1460)]),
            PacketBytes.tcp(client, server, .ack, sequence: 1001, acknowledgement: 5001),
            PacketBytes.tcp(client, server, [.psh, .ack], sequence: 1001, acknowledgement: 5001, payload: request),
            PacketBytes.tcp(server, client, [.psh, .ack], sequence: 5001, acknowledgement: sent, payload: answer),
            PacketBytes.tcp(client, server, [.fin, .ack], sequence: sent, acknowledgement: got),
            PacketBytes.tcp(server, client, [.fin, .ack], sequence: got, acknowledgement: sent + 1),
            PacketBytes.tcp(client, server, .ack, sequence: sent + 1, acknowledgement: got + 1),
            PacketBytes.echo(client.address, server.address),
            PacketBytes.echo(server.address, client.address, isReply: true),
        ]
        var capture = CaptureBytes()
        for (index, packet) in packets.enumerated() {
            capture.add(PacketBytes.frame(packet), at: time + Int64(index) * 500_000_000)
        }
        return capture
    }

    private func written(
        _ scratch: borrowing Scratch, _ bytes: [UInt8] = Self.capture().bytes, _ name: String = "a.pcap"
    )
        throws -> String
    {
        let path = "\(scratch.path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("The name that a QUIC client asks for is read from its first packet (RFC 9001 appendix A)")
    func quic() async throws {
        let scratch = try Scratch()
        let (client, server): (PacketEndpoint, PacketEndpoint) = ("198.18.0.1:50000", "198.18.0.2:443")
        var capture = CaptureBytes()
        capture.add(PacketBytes.frame(PacketBytes.udp(client, server, QUICPackets.client1)), at: 1_000_000_000)
        capture.add(PacketBytes.frame(PacketBytes.udp(server, client, QUICPackets.server1)), at: 1_010_000_000)
        let run = try await Program.run("pcap", try written(scratch, capture.bytes), "--format", "json")
        let handshake = (run.json["tls"] as? [String: Any])?.list("handshakes").first
        #expect(handshake?.text("serverName") == "example.com" && handshake?["quic"] as? Bool == true, "\(run.output)")
        #expect(run.json.list("flows").first?.text("name") == "example.com")
    }

    @Test("What a capture holds, as JSON")
    func json() async throws {
        let scratch = try Scratch()
        let path = try written(scratch)
        let run = try await Program.run("pcap", path, "--format", "json")
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(run.json.text("schema") == "leadsman/packets/v1")
        #expect(run.json["files"] as? [String] == [path] && run.json["packets"] as? Int == 10)
        #expect(run.json.text("firstAt") == "2026-01-31T12:00:00.000000000Z")
        #expect(run.json["linkTypes"] as? [String] == ["ETHERNET"] && run.json["truncated"] as? Bool == false)
        let flows = run.json.list("flows")
        let tcp = flows.first { $0.text("protocol") == "tcp" } ?? [:]
        #expect(flows.count == 2 && tcp.text("a") == "198.18.0.1:40000" && tcp.text("b") == "198.18.0.2:8080")
        #expect(tcp["packetsAtoB"] as? Int == 5 && tcp["packetsBtoA"] as? Int == 3)
        #expect(tcp["initialRttMs"] as? Double == 1000)
        #expect((tcp["tcp"] as? [String: Any])?["retransmission"] as? Int == 0)
        #expect(!run.output.contains("secret"))
    }

    @Test("A page for people, with the verdict first")
    func text() async throws {
        let scratch = try Scratch()
        let run = try await Program.run("pcap", try written(scratch))
        #expect(run.status == 0 && run.output.hasPrefix("HEALTHY  10 packets"))
        #expect(run.output.contains("\nConversations\n") && run.output.contains("198.18.0.2:8080"))
        let table = try await Program.run("pcap", try written(scratch), "--flows", "--top", "1")
        #expect(table.status == 0 && table.output.contains("Conversations (the first 1 of 2)"))
    }

    @Test("Standard input, gzip and pcapng")
    func forms() async throws {
        let scratch = try Scratch()
        let path = try written(scratch)
        let next = try written(scratch, Self.pcapng(Self.capture()), "a.pcapng")
        for line in [
            "$L pcap - --format json < \(path)", "cat \(path) | $L pcap - --format json",
            "gzip -c \(path) | $L pcap - --format json", "gzip -k \(path) && $L pcap \(path).gz --format json",
            "$L pcap \(next) --format json",
        ] {
            let run = try await Program.shell(line)
            #expect(run.status == 0 && run.json["packets"] as? Int == 10, "\(line): \(run.errors)")
        }
    }

    /// The same packets with one interface of nanoseconds (draft-ietf-opsawg-pcapng).
    private static func pcapng(_ capture: CaptureBytes) -> [UInt8] {
        func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
        func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
            let length = little(UInt32(12 + body.count))
            return little(type) + length + body + length
        }
        var bytes = block(0x0a0d_0d0a, little(0x1a2b_3c4d) + little(1) + little(.max) + little(.max))
        bytes += block(1, little(1) + little(0) + [9, 0, 1, 0, 9, 0, 0, 0] + little(0))
        var rest = capture.bytes.dropFirst(24)
        func word(_ at: Int) -> UInt32 {
            rest.dropFirst(at).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        while !rest.isEmpty {
            let time = UInt64(word(0)) * 1_000_000_000 + UInt64(word(4))
            let length = Int(word(8))
            let frame = Array(rest.dropFirst(16).prefix(length))
            let padding = [UInt8](repeating: 0, count: (4 - length % 4) % 4)
            let times = little(UInt32(time >> 32)) + little(UInt32(truncatingIfNeeded: time))
            bytes += block(6, little(0) + times + little(UInt32(length)) + little(word(12)) + frame + padding)
            rest = rest.dropFirst(16 + length)
        }
        return bytes
    }

    @Test("Several files in the order of time")
    func several() async throws {
        let scratch = try Scratch()
        let late = try written(scratch, Self.capture(from: 1_769_860_900_000_000_000).bytes, "late.pcap")
        let run = try await Program.run("pcap", late, try written(scratch), "--format", "json")
        #expect(run.status == 0 && run.json["packets"] as? Int == 20)
        #expect(run.json.text("firstAt") == "2026-01-31T12:00:00.000000000Z")
        #expect(run.json.text("lastAt") == "2026-01-31T12:01:44.500000000Z")
        #expect((run.json["files"] as? [String])?.first == late)
    }

    @Test(
        "Only what is asked for",
        arguments: [
            (["--filter", "icmp"], 2), (["--filter", "tcp port 8080"], 8), (["--filter", "udp"], 0),
            (["--from", "1s"], 8), (["--to", "1s"], 3), (["--from", "1s", "--to", "2s"], 3),
            (["--from", "2026-01-31T12:00:04Z"], 2), (["--to", "2026-01-31T13:00:00+01:00"], 1),
        ])
    func selection(_ arguments: [String], packets: Int) async throws {
        let scratch = try Scratch()
        let words = arguments.map { "'\($0)'" }.joined(separator: " ")
        let run = try await Program.shell("$L pcap \(try written(scratch)) --format json \(words)")
        #expect(run.status == 0 && run.json["packets"] as? Int == packets)
    }

    @Test("CSV and lines of one table")
    func tables() async throws {
        let scratch = try Scratch()
        let path = try written(scratch)
        let csv = try await Program.run("pcap", path, "--format", "csv")
        let rows = csv.output.components(separatedBy: "\r\n")
        #expect(csv.status == 0 && rows.count == 4 && rows[0].hasPrefix("protocol,a,b,packetsAtoB,"))
        #expect(rows[1].hasPrefix("tcp,198.18.0.1:40000,198.18.0.2:8080,5,3,"))
        let lines = try await Program.run("pcap", path, "--format", "jsonl")
        #expect(lines.lines.map { $0.text("type") } == ["flow", "flow", "summary"])
        for table in ["dns", "tls", "http", "icmp", "arp"] {
            let run = try await Program.run("pcap", path, "--format", "csv", "--\(table)")
            #expect(run.status == 0 && run.output.contains(",") && run.output.hasSuffix("\r\n"))
        }
        let http = try await Program.run("pcap", path, "--format", "csv", "--http")
        #expect(http.output.contains(",GET,api.test,/orders,200,"))
    }

    @Test(
        "Mistakes are told with what is wrong",
        arguments: [
            (["--format", "csv", "--dns", "--tls"], "of one table"), (["--filter", "tcp port"], "tcp port"),
            (["--filter", "host shop.example.com"], "shop.example.com"), (["--from", "yesterday"], "--from"),
            (["--from", "3s", "--to", "1s"], "--to is before --from"), (["--top", "0"], "--top"),
            (["--pod-range", "10.0.0.1/8"], "--pod-range"), (["--format", "xml"], "--format"),
        ])
    func usage(_ arguments: [String], words: String) async throws {
        let scratch = try Scratch()
        let line = arguments.map { "'\($0)'" }.joined(separator: " ")
        let run = try await Program.shell("$L pcap \(try written(scratch)) \(line)")
        #expect(run.status == 2 && run.output.isEmpty && run.errors.contains(words), "\(run.errors)")
    }
}
