import Manifests
import NetValues
import Observations
import Planning
import YAML

/// What is wrong with the declared Service that a failing check asks for, as far as manifests say.
enum DeclaredServiceFault {
    struct Fault {
        let check: CheckEvidence
        let service: DeclaredService
        let port: UInt16
        let kind: Kind
        /// Where a person would mend it.
        let object: ManifestObject
        let line: Int
    }

    enum Kind: Hashable {
        /// The selector matches none of so many workloads of the namespace.
        case nothingSelected(workloads: Int)
        /// All that it selects has no replicas: "shop/db[StatefulSet]".
        case scaledToZero(String)
        /// The cluster itself says so, of so many addresses.
        case noneReady(Int)
        case noSuchPort
        /// Names of the ports that the selected pods do have.
        case nameUnknown(String, known: [String])
        /// Ports that the selected pods do declare.
        case notDeclared(UInt16, known: [UInt16])
    }

    static func all(in evidence: Evidence) -> [Fault] {
        guard let view = evidence.declared else { return [] }
        return evidence.measured.compactMap { check in
            guard check.check.expectation.word == .reachable, check.isCutOff,
                let destination = view.destination(of: check), let service = destination.service
            else { return nil }
            return fault(check, destination, service, view)
        }
    }

    private static func fault(
        _ check: CheckEvidence, _ destination: DeclaredDestination, _ service: DeclaredService, _ view: DeclaredView
    ) -> Fault? {
        func fault(_ kind: Kind, _ object: ManifestObject, _ line: Int) -> Fault {
            Fault(check: check, service: service, port: destination.port, kind: kind, object: object, line: line)
        }
        guard service.kind != .externalName, service.selector != nil else { return nil }
        let port = service.ports.first { $0.number == destination.port && $0.transport == destination.transport }
        guard service.isHeadless || port != nil else {
            return fault(
                .noSuchPort, service.object, service.object.place(service.object.spec?.entry("ports")).line)
        }
        if let empty = view.emptiness(of: service) { return fault(empty.kind, empty.object, empty.line) }
        guard let port, !service.isHeadless else { return nil }
        let selected = view.workloads(of: service).map { view.state.workloads[$0] }
        return portFault(port, selected).map { fault($0, service.object, port.line) }
    }

    static func portFault(_ port: DeclaredService.Port, _ selected: [Workload]) -> Kind? {
        let declared = selected.flatMap(\.template.ports).filter { $0.transport == port.transport }
        switch port.target {
        case .named(let name):
            guard !selected.contains(where: { port.port(at: $0.template) != nil }) else { return nil }
            return .nameUnknown(name, known: declared.compactMap(\.name).unique())
        case .number(let number):
            // A container may listen on what it does not declare: that it declares others is a hint, and no more.
            guard !declared.isEmpty, !declared.contains(where: { $0.number == number }) else { return nil }
            return .notDeclared(number, known: declared.map(\.number).unique())
        }
    }
}

extension DeclaredServiceFault.Fault {
    var location: Finding.Location {
        Finding.Location(file: object.file, line: line, object: object.title)
    }

    var title: String { "Service \(service.namespace)/\(service.name)" }

    /// What the manifests say, as evidence.
    var declaredWords: String {
        let place = object.file.map { " (\($0):\(line))" } ?? ""
        return switch kind {
        case .nothingSelected(let workloads):
            "declared: \(title)\(place) selects \(LabelSelector(matchLabels: service.selector ?? [:]).words), which none of \(counted(workloads, "workload")) in \(service.namespace) has"
        case .scaledToZero(let workload): "declared: \(title) selects \(workload), which has no replicas\(place)"
        case .noneReady(let count):
            "declared: \(title)\(place) has \(counted(count, "address", "addresses")) in its EndpointSlices, and none of them is ready"
        case .noSuchPort:
            "declared: \(title)\(place) has the \(service.ports.count == 1 ? "port" : "ports") \(listed(service.ports.map { "\($0.transport.rawValue) \($0.number)" }, limit: 8))"
        case .nameUnknown(let name, let known):
            "declared: \(title)\(place) leads to the port named \(name), and its pods name \(known.isEmpty ? "none" : listed(known, limit: 8))"
        case .notDeclared(let number, let known):
            "declared: \(title)\(place) leads to port \(number), and its pods declare \(listed(known.map(String.init), limit: 8))"
        }
    }
}

extension DeclaredView {
    /// Why nothing is behind a Service, as far as was read; nil where something is, or may be.
    func emptiness(
        of service: DeclaredService
    ) -> (kind: DeclaredServiceFault.Kind, object: ManifestObject, line: Int)? {
        guard service.kind != .externalName, service.selector != nil else { return nil }
        let object = service.object
        let line = object.place(object.spec?.entry("selector")).line
        let slices = state.endpoints(of: service)
        guard slices.allSatisfy(\.ready.isEmpty) else { return nil }
        let selected = workloads(of: service).map { state.workloads[$0] }
        guard let first = selected.first else {
            // Of pods that cannot be read nothing is known but by their EndpointSlices.
            if state.set.lacks("Pod", in: service.namespace) {
                return slices.isEmpty ? nil : (.noneReady(slices.flatMap(\.addresses).count), object, line)
            }
            // Of a namespace of which nothing that runs was read, its pods may be declared elsewhere.
            let others = state.workloads(in: service.namespace).count
            return others > 0 || state.set.isComplete ? (.nothingSelected(workloads: others), object, line) : nil
        }
        if selected.allSatisfy({ $0.replicas == 0 && $0.addresses.isEmpty }) {
            let place = first.object.place(first.object.spec?.entry("replicas"))
            return (.scaledToZero(first.title), first.object, place.line)
        }
        return slices.isEmpty ? nil : (.noneReady(slices.flatMap(\.addresses).count), object, line)
    }
}

extension DeclaredServiceFault.Kind {
    /// Nothing is behind the Service, whatever the port.
    var isEmptiness: Bool {
        switch self {
        case .nothingSelected, .scaledToZero, .noneReady: true
        case .noSuchPort, .nameUnknown, .notDeclared: false
        }
    }
}
