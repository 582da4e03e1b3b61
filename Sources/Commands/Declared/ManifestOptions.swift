import ArgumentParser
import Diagnosis
import Manifests
import NetValues

/// What was declared, beside what is probed.
struct ManifestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Kubernetes manifests (a file, a folder, - for standard input, the word cluster for its API) to judge what is seen by; repeat it for more.",
            valueName: "path"))
    var manifests: [String] = []

    @OptionGroup var cluster: ClusterOptions

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Which pod or workload of the manifests this vantage is; found by itself inside a pod.",
            valueName: "namespace/name"))
    var role: String?

    @Option(
        name: .customLong("patch"),
        help: ArgumentHelp("Write the YAML that mends each finding to a file of this folder.", valueName: "folder"))
    var patchFolder: String?

    func validate() throws {
        if let role, Self.name(role) == nil { throw ValidationError("--as takes NAMESPACE/POD or NAMESPACE/WORKLOAD") }
        if manifests.isEmpty, role != nil { throw ValidationError("--as needs --manifests") }
        if patchFolder?.isEmpty == true { throw ValidationError("--patch takes the name of a folder") }
    }

    /// Nil where no manifests were named.
    func request() async throws -> DeclaredRequest? {
        guard !manifests.isEmpty else {
            return patchFolder.map { DeclaredRequest(state: nil, name: nil, patchFolder: $0) }
        }
        let state = DeclaredState(try await ManifestInput.read(manifests, cluster))
        let name = role.flatMap(Self.name)
        if let name, state.index(ofWorkload: name) == nil {
            let known = state.workloads.map { "\($0.namespace)/\($0.name)" }
            let hint =
                nearestWord(to: "\(name.namespace)/\(name.name)", among: known).map { ", did you mean \($0)?" } ?? ""
            throw ValidationError("--as: no workload \(name.namespace)/\(name.name) in the manifests\(hint)")
        }
        return DeclaredRequest(state: state, name: name, patchFolder: patchFolder)
    }

    private static func name(_ text: String) -> DeclaredState.Name? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return DeclaredState.Name(String(parts[0]), String(parts[1]))
    }
}

/// Manifests that a run is judged with.
struct DeclaredRequest: Sendable {
    /// Nil where only patches of what is seen are wanted.
    let state: DeclaredState?
    /// As the user says.
    let name: DeclaredState.Name?
    let patchFolder: String?
}
