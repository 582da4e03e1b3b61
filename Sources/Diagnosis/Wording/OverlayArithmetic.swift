import NetValues

/// What tunnels and overlays take of a packet: "1450 = 1500 − 50: what VXLAN over IPv4 takes".
enum OverlayArithmetic {
    private struct Overlay {
        let name: String
        let overhead: Int
        /// The headers that are added.
        var parts: String?
    }

    /// In order of how often they are met (RFC 7348 section 5, RFC 8926 section 3, RFC 2003, RFC 2784, RFC 2516; WireGuard's 20 + 8 + 32,
    /// which wg-quick rounds up to what IPv6 needs). IPsec depends on cipher and padding: told as "about".
    private static let overlays = [
        Overlay(
            name: "VXLAN, or Geneve without options, over IPv4", overhead: 50,
            parts: "IPv4 20 + UDP 8 + VXLAN 8 + Ethernet 14"),
        Overlay(
            name: "VXLAN, or Geneve without options, over IPv6", overhead: 70,
            parts: "IPv6 40 + UDP 8 + VXLAN 8 + Ethernet 14"),
        Overlay(
            name: "WireGuard over IPv6, or as wg-quick sets it", overhead: 80, parts: "IPv6 40 + UDP 8 + WireGuard 32"),
        Overlay(name: "WireGuard over IPv4", overhead: 60, parts: "IPv4 20 + UDP 8 + WireGuard 32"),
        Overlay(name: "IP in IP", overhead: 20, parts: "IPv4 20"),
        Overlay(name: "GRE", overhead: 24, parts: "IPv4 20 + GRE 4"),
        Overlay(name: "PPPoE", overhead: 8, parts: "PPPoE 6 + PPP 2"),
        Overlay(name: "IPv6 in IPv6", overhead: 40, parts: "IPv6 40"),
        Overlay(
            name: "VXLAN with a VLAN tag inside", overhead: 54,
            parts: "IPv4 20 + UDP 8 + VXLAN 8 + Ethernet 14 + VLAN 4"),
        Overlay(
            name: "Geneve with 8 bytes of options, over IPv4", overhead: 58,
            parts: "IPv4 20 + UDP 8 + Geneve 16 + Ethernet 14"),
        Overlay(name: "WireGuard with what Cilium adds", overhead: 95),
        Overlay(name: "WireGuard inside of VXLAN", overhead: 130, parts: "80 + 50"),
        Overlay(name: "about what IPsec (ESP in tunnel mode, AES-GCM) takes", overhead: 62),
        Overlay(name: "about what IPsec (ESP in tunnel mode, AES-CBC) takes", overhead: 73),
    ]

    /// Of links, as cards and clouds have them.
    private static let links = [1500, 9000, 9001, 8950]

    /// Nil where no overlay that is known takes just so much.
    /// - Parameter link: what the own link takes, if it is known: it is looked at first.
    static func words(_ limit: Int, link: Int?) -> String? {
        let bases = ([link].compactMap(\.self) + links).filter { $0 > limit }
        for base in bases {
            guard let overlay = overlays.first(where: { base - $0.overhead == limit }) else { continue }
            let takes = overlay.name.contains("takes") ? overlay.name : "what \(overlay.name) takes"
            let parts = overlay.parts.map { " of each packet (\($0))" } ?? ""
            return "\(limit) = \(base) − \(overlay.overhead): \(takes)\(parts)"
        }
        return limit == 1280 ? "1280 is the least that IPv6 allows, and what careful tunnels are set to" : nil
    }
}
