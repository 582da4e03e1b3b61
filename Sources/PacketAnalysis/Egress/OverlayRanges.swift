import NetValues
import Wire

/// Which ranges pods and Services probably have, when nobody said: by the addresses that overlay networks carried. Without an overlay
/// nothing is guessed.
struct OverlayRanges {
    /// What is usual where nobody chose: kubeadm with flannel and kind; k3s and RKE.
    private static let usualPods = [PrefixRange("10.244.0.0", 16), PrefixRange("10.42.0.0", 16)]
    /// kubeadm; k3s and RKE.
    private static let usualServices = [PrefixRange("10.96.0.0", 12), PrefixRange("10.43.0.0", 16)]

    private static let most = 1024

    /// Blocks that private addresses within tunnels were of: 24 bits over IPv4, 64 over IPv6.
    private var blocks: Set<PrefixRange> = []
    private var kinds: Set<Tunnel.Kind> = []

    mutating func see(_ address: PacketAddress, in tunnel: Tunnel) {
        guard address.isPrivate, tunnel.kind == .vxlan || tunnel.kind == .geneve || tunnel.kind == .ipInIP else {
            return
        }
        let block = PrefixRange(address, length: address.isIPv6 ? 64 : 24)
        guard blocks.count < Self.most || blocks.contains(block) else { return }
        blocks.insert(block)
        kinds.insert(tunnel.kind)
    }

    /// A node has a block of a range that the cluster has: two blocks within 16 bits (48 over IPv6) show that; a usual range is taken
    /// whole.
    var pods: [PrefixRange] {
        var ranges: Set<PrefixRange> = []
        var counts: [PrefixRange: Int] = [:]
        let wide = { (block: PrefixRange) in PrefixRange(block.address, length: block.address.isIPv6 ? 48 : 16) }
        for block in blocks { counts[wide(block), default: 0] += 1 }
        for block in blocks {
            let range = wide(block)
            ranges.insert(counts[range, default: 0] > 1 || Self.usualPods.contains(range) ? range : block)
        }
        return ranges.sorted { ($0.address.high, $0.address.low) < ($1.address.high, $1.address.low) }
    }

    /// Only beside an overlay that is a cluster's.
    var services: [PrefixRange] { blocks.isEmpty ? [] : Self.usualServices }

    /// From what it was guessed.
    func source(usesServices: Bool) -> String? {
        guard !blocks.isEmpty else { return nil }
        let names = kinds.map(\.rawValue).sorted().joined(separator: " and ")
        let pods = pods.prefix(3).map(\.description).joined(separator: ", ")
        let more = self.pods.count > 3 ? " and \(self.pods.count - 3) more" : ""
        let services = usesServices ? "; services by the usual ranges" : ""
        return "guessed: pods \(pods)\(more) from addresses within \(names)\(services)"
    }
}

extension PrefixRange {
    fileprivate init(_ text: String, _ length: Int) {
        self.init(IPAddress(text).map(PacketAddress.init) ?? PacketAddress(ipv4: 0), length: length)
    }
}
