import YAML

/// Which PeerAuthentication decides what a port of a workload accepts, and what it says.
package struct MutualTLS: Sendable {
    package let policy: PeerAuthentication
    package let mode: PeerAuthentication.Mode
    /// Of the mode as it is written.
    package let place: ManifestPlace
}

extension MeshState {
    /// The narrowest policy that says something wins (Istio, PeerAuthentication): the port, then the workload, the namespace, the mesh.
    /// Nil where none does, and where several of one scope say different things.
    /// - Parameter port: of the pods.
    package func mutualTLS(of workload: Workload, port: UInt16) -> MutualTLS? {
        let concerned = peerAuthentications.filter { $0.concerns(workload) }
        let ofPods = concerned.filter { $0.selector != nil && $0.object.namespace == workload.namespace }
        let ofPort = ofPods.compactMap { $0.mutualTLS(of: port) }
        if !ofPort.isEmpty { return Self.one(ofPort) }
        let wide = concerned.filter { $0.selector == nil }
        let scopes = [
            ofPods, wide.filter { !$0.isMeshWide && $0.object.namespace == workload.namespace },
            wide.filter(\.isMeshWide),
        ]
        for scope in scopes {
            let said = scope.compactMap(\.mutualTLS)
            if !said.isEmpty { return Self.one(said) }
        }
        return nil
    }

    private static func one(_ said: [MutualTLS]) -> MutualTLS? {
        Set(said.map(\.mode)).count == 1 ? said.first : nil
    }
}

extension PeerAuthentication {
    fileprivate var mutualTLS: MutualTLS? {
        mode == .unset ? nil : MutualTLS(policy: self, mode: mode, place: object.place(modeNode))
    }

    fileprivate func mutualTLS(of port: UInt16) -> MutualTLS? {
        guard let mode = portModes[port], mode != .unset else { return nil }
        let entry = object["spec", "portLevelMtls"]?.entry(String(port))
        return MutualTLS(policy: self, mode: mode, place: object.place(entry))
    }
}
