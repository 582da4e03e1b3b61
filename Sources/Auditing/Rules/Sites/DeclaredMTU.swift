import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// An overlay whose pods are given frames as large as the network beneath it carries (catalogue section 6, the static half).
enum DeclaredMTU: AuditRule {
    static let explanation = FindingExplanation.shared("mtu-mismatch-cni", severity: .warning)

    /// Bytes that an encapsulation adds to each packet over IPv4.
    private static let overheads: [(word: String, bytes: Int)] = [
        ("wireguard", 60), ("vxlan", 50), ("geneve", 50), ("ipip", 20),
    ]
    /// Of Ethernet, unless somebody chose larger frames.
    private static let usual = 1500

    private struct Setting {
        let object: ManifestObject
        let place: ManifestPlace
        let mtu: Int
        /// In lower case.
        let encapsulation: String
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        let settings =
            state.objects("Installation", "operator.tigera.io").compactMap(calico)
            + state.objects("ConfigMap", "").compactMap { configured($0, state) }
        return settings.compactMap { setting in
            guard let (word, bytes) = overheads.first(where: { setting.encapsulation.hasPrefix($0.word) }),
                setting.mtu > usual - bytes, setting.mtu <= usual
            else { return nil }
            return tell(setting, word, bytes)
        }
    }

    /// "VXLAN", "IPIPCrossSubnet" of the first pool; WireGuard is not told there.
    private static func calico(_ object: ManifestObject) -> Setting? {
        guard let node = object["spec", "calicoNetwork", "mtu"], let mtu = node.int,
            let word = object["spec", "calicoNetwork", "ipPools"]?.items.lazy.compactMap({ $0["encapsulation"]?.text })
                .first
        else { return nil }
        return Setting(object: object, place: object.place(node), mtu: mtu, encapsulation: word.lowercased())
    }

    /// calico-config beside the pools of the same manifests.
    private static func configured(_ object: ManifestObject, _ state: DeclaredState) -> Setting? {
        guard object.name == "calico-config", let entry = object["data"]?.entry("veth_mtu"),
            let mtu = entry.value.text.flatMap({ Int($0) })
        else { return nil }
        let words = state.objects("IPPool").flatMap { pool in
            [("vxlan", "vxlanMode"), ("ipip", "ipipMode")].filter { word, key in
                ["Always", "CrossSubnet"].contains(pool.spec?[key]?.text)
            }.map(\.0)
        }
        return words.first.map {
            Setting(object: object, place: object.place(entry), mtu: mtu, encapsulation: $0)
        }
    }

    private static func tell(_ setting: Setting, _ word: String, _ bytes: Int) -> Finding {
        finding(
            setting.object, at: setting.place, confidence: .possible,
            summary:
                "\(setting.object.title) gives pods an MTU of \(setting.mtu), and \(word) adds \(bytes) bytes: larger than ordinary Ethernet carries.",
            evidence: ["mtu \(setting.mtu), encapsulation \(setting.encapsulation.escaped(limit: 40))"],
            cause:
                "Unless the network beneath has frames of \(setting.mtu + bytes) bytes or more, full packets between nodes are fragmented or dropped, while small ones pass.",
            remedy: [
                "set the MTU to \(usual - bytes) (the network's minus \(bytes)), or leave it to the CNI to find out",
                "leadsman mtu ADDRESS between pods of two nodes shows what passes",
            ])
    }
}
