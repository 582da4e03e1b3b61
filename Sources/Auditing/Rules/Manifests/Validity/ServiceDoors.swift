import Manifests
import YAML

/// What the API requires of the ways into a Service, by its type (ValidateService).
enum ServiceDoors {
    static func check(_ object: ManifestObject, _ mistakes: inout ObjectMistakes) {
        guard let spec = object.spec else { return }
        let type = spec["type"]?.text ?? "ClusterIP"
        let isOpen = ["NodePort", "LoadBalancer"].contains(type)
        if isOpen, spec["clusterIP"]?.text == "None" {
            mistakes.report(
                "a Service of type \(type) needs an address, so clusterIP may not be None", spec["clusterIP"])
        }
        for port in spec["ports"]?.items ?? [] where port.isMap {
            if type == "ClusterIP", let number = port["nodePort"]?.int, number != 0 {
                mistakes.report("nodePort may stand with type NodePort or LoadBalancer only", port["nodePort"])
            }
            if let name = port["name"]?.text, !isLabel(name) {
                mistakes.report(
                    "the name of a port is at most 63 of a-z, 0-9 and `-`, and begins and ends with a letter or digit",
                    port["name"])
            }
        }
        guard let traffic = spec["externalTrafficPolicy"], let word = traffic.text, !word.isEmpty else { return }
        if !["Cluster", "Local"].contains(word) {
            mistakes.report("externalTrafficPolicy is Cluster or Local", traffic)
        } else if type == "ClusterIP", spec["externalIPs"]?.items.isEmpty != false {
            mistakes.report("externalTrafficPolicy may stand with type NodePort or LoadBalancer only", traffic)
        }
    }

    /// RFC 1123, as the API reads it.
    private static func isLabel(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let isAlphanumeric = { (byte: UInt8) in (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) }
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last) && bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2d }
    }
}
