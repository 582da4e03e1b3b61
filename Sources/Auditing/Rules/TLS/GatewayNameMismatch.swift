import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A listener of a Gateway (of the Gateway API, or of Istio) whose certificate is for other names (catalogue section 9).
enum GatewayNameMismatch: AuditRule {
    static let explanation = TLSNameMismatch.explanation

    private struct Listener {
        let object: ManifestObject
        let place: ManifestPlace
        let host: String
        let secrets: [DeclaredState.Name]
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        guard !state.set.certificates.isEmpty else { return [] }
        let certificates = Dictionary(
            state.set.certificates.map { (DeclaredState.Name($0.object.namespace, $0.object.name), $0) },
            uniquingKeysWith: { first, _ in first })
        let gateways = state.objects("Gateway", GatewayAPI.group).compactMap(DeclaredGateway.init)
        return (gateways.flatMap(listeners) + state.mesh.gateways.flatMap { listeners($0, certificates) }).compactMap {
            judge($0, certificates)
        }
    }

    private static func listeners(_ gateway: DeclaredGateway) -> [Listener] {
        gateway.listeners.compactMap { listener in
            guard let host = listener.hostname, listener.tlsMode == "Terminate" else { return nil }
            let secrets = listener.certificates.filter { $0.kind == "Secret" }.map {
                DeclaredState.Name($0.namespace, $0.name)
            }
            return Listener(
                object: gateway.object, place: ManifestPlace(file: gateway.object.file, line: listener.line),
                host: host,
                secrets: secrets)
        }
    }

    /// Istio looks for the Secret where the gateway's pods run: mostly the root namespace, or the Gateway's own.
    private static func listeners(
        _ gateway: MeshGateway, _ certificates: [DeclaredState.Name: DeclaredCertificate]
    ) -> [Listener] {
        gateway.servers.flatMap { server -> [Listener] in
            guard let name = server.credentialName, ["SIMPLE", "MUTUAL"].contains(server.tlsMode ?? "") else {
                return []
            }
            let places = [gateway.object.namespace, MeshState.rootNamespace].unique()
            let found = places.map { DeclaredState.Name($0, name) }.filter { certificates[$0] != nil }
            guard found.count == 1 else { return [] }
            return (server.node["hosts"]?.items ?? []).compactMap { node in
                guard let text = node.text, let host = text.split(separator: "/").last, host != "*" else { return nil }
                return Listener(
                    object: gateway.object, place: gateway.object.place(node), host: String(host), secrets: found)
            }
        }
    }

    /// A listener may have several certificates, of which the client's name chooses one.
    private static func judge(_ listener: Listener, _ certificates: [DeclaredState.Name: DeclaredCertificate])
        -> Finding?
    {
        let held = listener.secrets.compactMap { certificates[$0] }
        let leaves = held.compactMap(\.leaf)
        guard !leaves.isEmpty, leaves.count == listener.secrets.count,
            !leaves.contains(where: { TLSNameMismatch.isFor(listener.host, $0) })
        else { return nil }
        return finding(
            listener.object, at: listener.place,
            summary:
                "The certificate of \(listener.object.title) is not for its host \(listener.host.escaped(limit: 253)).",
            evidence: held.prefix(2).map { "\($0.object.title)\($0.place.words.map { " (\($0))" } ?? "")" }
                + leaves.prefix(2).flatMap(CertificateWords.lines),
            cause: "Clients compare the name they asked for with the names of the certificate, and refuse another.",
            remedy: ["use a certificate that names the host"])
    }
}
