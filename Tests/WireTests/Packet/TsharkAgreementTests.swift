import ChildProcesses
import Foundation
import PacketBuilding
import Testing
import Wire

private let tshark = "/usr/bin/tshark"
private let columns = [
    "ip.src", "ip.dst", "ip.ttl", "ip.dsfield", "ip.id", "ip.len", "ipv6.src", "ipv6.dst", "ipv6.hlim", "tcp.srcport",
    "tcp.dstport", "tcp.seq_raw", "tcp.len", "tcp.window_size_value", "udp.srcport", "udp.dstport",
]

/// What tshark 4.0 would print of what was found, all layers from the outside in.
private func columns(of found: PacketCollector) -> [String] {
    let four = found.packets.filter { !$0.packet.source.isIPv6 }.map(\.packet)
    let six = found.packets.filter { $0.packet.source.isIPv6 }.map(\.packet)
    let tcp = found.packets.compactMap(\.tcp)
    let udp = found.packets.compactMap(\.udp)
    func hex(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
    }
    let values: [[String]] = [
        four.map(\.source.description), four.map(\.destination.description), four.map { "\($0.hopLimit)" },
        four.map { hex(UInt32($0.trafficClass), 2) }, four.map { hex($0.identification, 4) },
        // tshark has the length of the last fragment here.
        four.map { $0.payloadOffset == 0 ? "48" : "\($0.totalLength)" }, six.map(\.source.description),
        six.map(\.destination.description),
        six.map { "\($0.hopLimit)" }, tcp.map { "\($0.sourcePort)" }, tcp.map { "\($0.destinationPort)" },
        tcp.map { "\($0.sequence)" }, tcp.map { "\($0.payloadLength)" }, tcp.map { "\($0.window)" },
        udp.map { "\($0.sourcePort)" }, udp.map { "\($0.destinationPort)" },
    ]
    return values.map { $0.joined(separator: ",") }
}

/// One line a frame, as tshark's fields with commas between the layers.
private func askTshark(_ capture: CaptureBytes) throws -> [[String]] {
    let name = "/tmp/leadsman-decode-\(UUID().uuidString).pcap"
    defer { unlink(name) }
    try Data(capture.bytes).write(to: URL(fileURLWithPath: name))
    let pipe = Pipe()
    let process = ChildProcess()
    let fields = columns.flatMap { ["-e", $0] }
    try process.run(
        tshark,
        ["-n", "-r", name, "-d", "udp.port==8472,vxlan", "-T", "fields", "-E", "separator=|", "-E", "occurrence=a"]
            + fields,
        output: pipe.fileHandleForWriting.fileDescriptor)
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
        line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    }
}

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: tshark), "tshark is not there"))
struct TsharkAgreementTests {
    @Test(arguments: [
        LinkType.ethernet, .linuxCooked, .linuxCooked2, .raw, .null, .loop, .ipv4, .ipv6,
    ])
    func findsTheSameLayers(linkType: LinkType) throws {
        var decoder = FrameDecoder()
        var capture = CaptureBytes(linkType: linkType)
        var expected: [[String]] = []
        for (index, bytes) in frames(linkType).enumerated() {
            capture.add(bytes, at: Int64(index) * 1_000_000)
            expected.append(columns(of: decoder.collect(bytes, linkType: linkType, time: Int64(index) * 1_000_000)))
        }
        try #require(expected.contains { $0.contains { !$0.isEmpty } })
        let found = try askTshark(capture)
        try #require(found.count == expected.count)
        for (index, (ours, theirs)) in zip(expected, found).enumerated() {
            #expect(ours == theirs, "frame \(index + 1) of \(linkType)")
        }
    }

    /// The samples of a link type, and packets with what tshark has rules of its own for.
    private func frames(_ linkType: LinkType) -> [[UInt8]] {
        let samples = sampleFrames.filter { $0.linkType == linkType }.map(\.bytes)
        let wrap = LinkCase.all.first { $0.linkType == linkType }?.wrap ?? { $0 }
        return samples
            + packets.filter { linkType != .ipv6 || $0[0] >> 4 == 6 }.filter { packet in
                linkType != .ipv4 || packet[0] >> 4 == 4
            }.map(wrap)
    }

    private var packets: [[UInt8]] {
        let client: PacketEndpoint = "198.18.0.1:40000"
        let server: PacketEndpoint = "198.18.0.2:8080"
        let plain = PacketBytes.tcp(client, server, [.ack], sequence: 7, payload: [1, 2, 3, 4])
        var withoutLength = plain
        withoutLength[2] = 0
        withoutLength[3] = 0
        var claimsMore = plain
        claimsMore[3] += 20
        let fragments = PacketBytes.fragments(
            client.address, server.address, 6, [UInt8](plain[20...]) + [UInt8](repeating: 0, count: 100), size: 48)
        let fragments6 = PacketBytes.fragments(
            "fd00:18::1", "fd00:18::2", 17,
            PacketBytes.udpDatagram("[fd00:18::1]:40000", "[fd00:18::2]:9999", [UInt8](repeating: 0, count: 100)),
            size: 48)
        let routes = [131, 137].map { kind in
            PacketBytes.tcp(
                client, server, [.ack], sequence: 7, payload: [1],
                PacketBytes.Internet(options: [kind, 11, 4, 198, 18, 0, 8, 198, 18, 0, 9, 0]))
        }
        return [plain, withoutLength, claimsMore] + routes + fragments + fragments6.reversed() + [
            PacketBytes.tcp("[fd00:18::1]:40000", "[fd00:18::2]:8080", [.syn], options: [.mss(1440)])
        ]
    }
}
