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
        let line: Int
    }

    enum Kind: Hashable {
        /// The selector matches none of so many workloads of the namespace.
        case nothingSelected(workloads: Int)
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
        func fault(_ kind: Kind, _ line: Int) -> Fault {
            Fault(check: check, service: service, port: destination.port, kind: kind, line: line)
        }
        guard service.kind != .externalName, service.selector != nil else { return nil }
        let port = service.ports.first { $0.number == destination.port && $0.transport == destination.transport }
        guard service.isHeadless || port != nil else {
            return fault(.noSuchPort, service.object.place(service.object.spec?.entry("ports")).line)
        }
        let selected = view.workloads(of: service).map { view.state.workloads[$0] }
        guard !selected.isEmpty else {
            // Of a namespace of which nothing that runs was read, its pods may be declared elsewhere.
            let others = view.state.workloads(in: service.namespace).count
            guard others > 0 || view.state.set.isComplete, !view.state.set.lacks("Pod", in: service.namespace)
            else { return nil }
            return fault(
                .nothingSelected(workloads: others), service.object.place(service.object.spec?.entry("selector")).line)
        }
        guard let port, !service.isHeadless else { return nil }
        return portFault(port, selected).map { fault($0, port.line) }
    }

    private static func portFault(_ port: DeclaredService.Port, _ selected: [Workload]) -> Kind? {
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
        Finding.Location(file: service.object.file, line: line, object: service.object.title)
    }

    var title: String { "Service \(service.namespace)/\(service.name)" }

    /// What the manifests say, as evidence.
    var declaredWords: String {
        let place = service.object.file.map { " (\($0):\(line))" } ?? ""
        return switch kind {
        case .nothingSelected(let workloads):
            "declared: \(title)\(place) selects \(LabelSelector(matchLabels: service.selector ?? [:]).words), which none of \(counted(workloads, "workload")) in \(service.namespace) has"
        case .noSuchPort:
            "declared: \(title)\(place) has the \(service.ports.count == 1 ? "port" : "ports") \(listed(service.ports.map { "\($0.transport.rawValue) \($0.number)" }, limit: 8))"
        case .nameUnknown(let name, let known):
            "declared: \(title)\(place) leads to the port named \(name), and its pods name \(known.isEmpty ? "none" : listed(known, limit: 8))"
        case .notDeclared(let number, let known):
            "declared: \(title)\(place) leads to port \(number), and its pods declare \(listed(known.map(String.init), limit: 8))"
        }
    }
}
