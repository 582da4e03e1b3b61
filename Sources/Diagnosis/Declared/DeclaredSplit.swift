import Manifests
import NetValues
import YAML

/// Between which backends, and by which weights, a declared route splits the requests that it takes.
struct DeclaredSplit {
    struct Share {
        /// "v1", "Service web-v2"
        let title: String
        let weight: Int
        /// By which an answer may call itself: of a subset, of its labels.
        var words: Set<String>
        /// Of workloads: their pods are called so, and more.
        let workloads: Set<String>
    }

    let object: ManifestObject
    let place: ManifestPlace
    var shares: [Share]
    /// Only what Envoy passes on is split by it.
    let needsEnvoy: Bool

    var total: Int { shares.reduce(0) { $0 + $1.weight } }

    /// Nil where no route splits the request, and where that is not known.
    init?(_ request: AskedRequest, _ view: DeclaredView) {
        if case .routed(let service, let route)? = MeshRouting(request, view) {
            object = service.object
            place = service.object.place(route.node.entry("route"))
            needsEnvoy = true
            shares = route.destinations.map { Share($0, route, service, view) }
        } else if let (route, rule) = view.route(of: request) {
            object = route.object
            place = ManifestPlace(file: route.object.file, line: rule.line)
            needsEnvoy = false
            shares = rule.backends.map { Share($0, view) }
        } else {
            return nil
        }
        guard shares.count(where: { $0.weight > 0 }) >= 1, shares.count > 1 else { return nil }
        dropShared()
    }

    /// A word of two of them tells nothing.
    private mutating func dropShared() {
        var counts: [String: Int] = [:]
        for word in shares.flatMap(\.words) { counts[word, default: 0] += 1 }
        for index in shares.indices { shares[index].words = shares[index].words.filter { counts[$0] == 1 } }
    }

    /// Of pods: the longest name that the text goes on from.
    func share(ofPod text: String) -> Int? {
        let named = shares.indices.flatMap { index in
            shares[index].workloads.filter { text == $0 || text.hasPrefix($0 + "-") }.map { (index, $0.utf8.count) }
        }
        guard let longest = named.map(\.1).max() else { return nil }
        let found = Set(named.filter { $0.1 == longest }.map(\.0))
        return found.count == 1 ? found.first : nil
    }

    func share(called text: String) -> Int? { shares.firstIndex { $0.words.contains(text) } }
}

extension DeclaredSplit.Share {
    fileprivate init(
        _ destination: VirtualService.Destination, _ route: VirtualService.Route, _ service: VirtualService,
        _ view: DeclaredView
    ) {
        let full = MeshHost.full(destination.host, in: service.object.namespace)
        let target = MeshHost.service(full).flatMap { view.state.service($0.namespace, $0.name) }
        let subset = destination.subset.flatMap { name in
            view.state.mesh.destinationRules(for: full).lazy.flatMap(\.subsets).first { $0.name == name }
        }
        let selector = LabelSelector(matchLabels: subset?.labels ?? [:])
        let pods = (target.map(view.state.workloads(of:)) ?? []).filter { selector.matches($0.labels) }
        // Without any weight Istio splits evenly.
        let isEven = route.destinations.allSatisfy { $0.weight == nil }
        title = destination.subset ?? "Service \(target?.name ?? destination.host)"
        weight = max(0, destination.weight ?? (isEven ? 1 : 0))
        words = Set([destination.subset].compactMap(\.self) + (subset.map { Array($0.labels.values) } ?? []))
        // A subset that was not read has pods of which nothing is known.
        workloads = destination.subset != nil && subset == nil ? [] : Set(pods.map(\.name))
    }

    fileprivate init(_ backend: DeclaredRoute.Backend, _ view: DeclaredView) {
        let service = view.state.service(backend.reference.namespace, backend.reference.name)
        title = "Service \(backend.reference.name)"
        weight = max(0, backend.weight)
        words = [backend.reference.name]
        workloads = Set((service.map(view.state.workloads(of:)) ?? []).map(\.name))
    }
}

extension DeclaredView {
    /// The rule of an HTTPRoute that surely takes the request.
    fileprivate func route(of request: AskedRequest) -> (DeclaredRoute, DeclaredRoute.Rule)? {
        let taken = takingRules(of: request)
        guard taken.count == 1, let first = taken.first,
            !(first.route.object.spec?["rules"]?.items ?? []).contains(where: { $0["sessionPersistence"] != nil })
        else { return nil }
        return (first.route, first.rule)
    }
}
