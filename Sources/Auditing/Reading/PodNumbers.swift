import Manifests
import YAML

/// Ports that a pod speaks of without declaring them: in the arguments and variables of its containers, and in its probes.
enum PodNumbers {
    /// Whether the number stands anywhere by itself: then the pod may well listen on it.
    static func mentions(_ port: UInt16, in template: PodTemplate) -> Bool {
        speaks(of: port, in: template)
            || template.containers.contains { DeclaredProbe.all(in: $0).contains { $0.port == .number(port) } }
    }

    /// In arguments and variables.
    static func speaks(of port: UInt16, in template: PodTemplate) -> Bool {
        template.containers.contains { container in
            let texts =
                (container["args"]?.texts ?? []) + (container["command"]?.texts ?? [])
                + (container["env"]?.items ?? []).compactMap { $0["value"]?.text }
            return texts.contains { holds($0, port) }
        }
    }

    private static func holds(_ text: String, _ port: UInt16) -> Bool {
        text.utf8.split { !(0x30...0x39).contains($0) }.contains { Substring($0) == "\(port)" }
    }
}
