import NetValues
import PacketAnalysis
import PacketBuilding
import Wire

extension FuzzTarget {
    /// Frames of a live capture one after another, each behind its length in two bytes: what is kept of them beside probes.
    static let ownTraffic = FuzzTarget(
        "ownTraffic",
        seeds: {
            let syn = PacketBytes.tcp("198.18.0.1:40000", "198.18.0.2:80", .syn)
            let query = PacketBytes.udp("198.18.0.1:40000", "198.18.0.2:53", [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            let packets = [
                syn, query, PacketBytes.echo("fd00:18::1", "fd00:18::2"),
                PacketBytes.icmpError("198.18.0.9", "198.18.0.1", type: 3, code: 1, quoting: syn),
                PacketBytes.icmpError("198.18.0.9", "198.18.0.1", type: 11, code: 0, quoting: query),
            ]
            let arp = PacketBytes.ARP(
                operation: 1, senderLink: PacketBytes.clientLink, sender: "198.18.0.1", target: "198.18.0.2")
            let frames =
                packets.map { PacketBytes.linuxCooked2($0) }
                + [PacketBytes.linuxCooked2(arp.bytes, type: 0x0806)]
            return (frames + [frames.flatMap(\.self)]).map { [UInt8($0.count >> 8), UInt8($0.count & 0xff)] + $0 }
        }
    ) { bytes in
        var limits = TrafficStore.Limits()
        limits.room = 4096
        limits.framesPerExchange = 4
        limits.neighbourFrames = 4
        let store = TrafficStore(dnsPorts: [53], limits: limits)
        var at = 0
        var frames = 0
        while at + 2 <= bytes.count {
            let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            let frame = [UInt8](bytes[at + 2..<min(bytes.count, at + 2 + length)])
            at += 2 + frame.count
            frames += 1
            store.take(
                CapturedFrame(number: frames, time: Int64(frames), length: length, linkType: .linuxCooked2), frame.span)
            try hold(store.used >= 0, "less than nothing is used")
            try hold(store.used <= 4096 + 65_536, "more room is used than there is")
        }
        try hold(store.lostFrames <= frames, "more frames lost than there were")
        let keys: Set<TrafficKey> = [
            TrafficKey(IPProtocol.tcp, "198.18.0.1:40000", "198.18.0.2:80"),
            TrafficKey(IPProtocol.udp, "198.18.0.1:40000", "198.18.0.2:53", id: 1),
        ]
        let claimed = store.claim(keys, about: ["198.18.0.2"], since: WallTime(nanoseconds: 0)).frames
        try hold(claimed.count <= 12, "more frames than are kept")
        for (index, kept) in claimed.enumerated() {
            try hold(kept.frame.number == index + 1, "frames are not in order")
        }
    }
}
