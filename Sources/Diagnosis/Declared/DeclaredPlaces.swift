import Connectivity
import Manifests
import NetValues
import Observations
import Planning
import YAML

/// Tells of each finding what was declared for the targets of its checks, and where; neither its id nor its weight changes.
enum DeclaredPlaces {
    private static let mostLines = 3

    static func attach(to findings: [Finding], _ evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared else { return findings }
        let checks = Dictionary(evidence.checks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return findings.map { finding in
            guard isAboutTarget(finding) else { return finding }
            let places = finding.checks.compactMap { checks[$0] }.flatMap { self.places(of: $0, finding, view) }
                .unique()
            guard !places.isEmpty else { return finding }
            var finding = finding
            if !finding.evidence.contains(where: { $0.hasPrefix("declared:") }) {
                finding.evidence += places.prefix(mostLines).map(\.words)
            }
            if finding.location == nil { finding.location = location(places) }
            return finding
        }
    }

    /// What may say why comes before what there is; of several the first, if all are of one object.
    private static func location(_ places: [DeclaredPlace]) -> Finding.Location? {
        let hints = places.filter(\.isHint)
        let told = hints.isEmpty ? places : hints
        return Set(told.map(\.location.object)).count == 1 ? told.first?.location : nil
    }

    /// Names of Services that are not found, and all that is about reaching and asking; not what is about this host or the network.
    private static func isAboutTarget(_ finding: Finding) -> Bool {
        switch Suppression.layer(of: finding) {
        case .reach, .tls, .http, .performance, .beside, .generic: !finding.checks.isEmpty
        case .resolution: ofNames.contains(finding.id) && !finding.checks.isEmpty
        case .vantage, .route, .notice: false
        }
    }

    private static let ofNames: Set = [
        DNSNameNotFound.id, DNSNodata.id, DNSNxdomainSearchPath.id, ServiceNoEndpoints.id, ServicePortMismatch.id,
    ]

    private static func places(
        of check: CheckEvidence, _ finding: Finding, _ view: DeclaredView
    ) -> [DeclaredPlace] {
        let hints = DeclaredHints.of(check, finding, view)
        return (view.place(of: check).map { [$0] } ?? []) + hints
    }
}

/// Something that was declared, in words and as a place.
struct DeclaredPlace: Hashable {
    /// "declared: Service shop/web port 80 → pods app=web, targetPort 8080 (shop.yaml:12)"
    let words: String
    let location: Finding.Location
    /// It may say why, and not only what.
    let isHint: Bool

    init(_ text: String, _ object: ManifestObject, line: Int, isHint: Bool = false) {
        words = "declared: \(text)\(object.file.map { " (\($0):\(line))" } ?? "")"
        location = Finding.Location(file: object.file, line: line, object: object.title)
        self.isHint = isHint
    }
}

extension DeclaredView {
    /// The Service, pod, Ingress or outside host that a check aims at; nil for what was not declared.
    func place(of check: CheckEvidence) -> DeclaredPlace? {
        if let destination = destination(of: check) {
            if let service = destination.service { return place(of: service, destination) }
        } else if let service = namedService(check) {
            return DeclaredPlace(words(of: service), service.object, line: service.object.place.line)
        }
        return front(of: check) ?? entry(of: check) ?? pod(of: check)
    }

    /// Of a check without a port, such as a question for the name.
    private func namedService(_ check: CheckEvidence) -> DeclaredService? {
        let name: String? =
            switch check.check.target {
            case .name(let name): name.labels.joined(separator: ".")
            case .host(.name(let name)): name.labels.joined(separator: ".")
            default: nil
            }
        return name.flatMap(service(named:))
    }

    private func place(of service: DeclaredService, _ destination: DeclaredDestination) -> DeclaredPlace {
        guard
            let port = service.ports.first(where: {
                $0.number == destination.port && $0.transport == destination.transport
            }), service.kind != .externalName
        else { return DeclaredPlace(words(of: service), service.object, line: service.object.place.line) }
        let title = "Service \(service.namespace)/\(service.name)"
        let protocolWord = port.transport == .tcp ? "" : "\(port.transport.rawValue) "
        let target =
            switch port.target {
            case _ where service.isHeadless: "headless"
            case .number(let number): "targetPort \(number)"
            case .named(let name):
                "targetPort \(name.escaped(limit: 63))\(ports(destination.ends).map { " (\($0))" } ?? "")"
            }
        return DeclaredPlace(
            "\(title) port \(protocolWord)\(port.number) → \(pods(of: service)), \(target)", service.object,
            line: port.line)
    }

    private func ports(_ ends: [DeclaredDestination.End]) -> String? {
        let numbers = ends.map(\.port).unique()
        return numbers.isEmpty ? nil : listed(numbers.map(String.init))
    }

    private func pods(of service: DeclaredService) -> String {
        service.selector.map { "pods \(LabelSelector(matchLabels: $0).words.escaped(limit: 200))" }
            ?? "endpoints that somebody else keeps"
    }

    private func words(of service: DeclaredService) -> String {
        let title = "Service \(service.namespace)/\(service.name)"
        if service.kind == .externalName {
            let name = service.object["spec", "externalName"]?.text ?? ""
            return "\(title) is another name (ExternalName) of \(name.escaped(limit: 253))"
        }
        return "\(service.isHeadless ? "headless " : "")\(title) → \(pods(of: service))"
    }

    /// The rule of an Ingress or HTTPRoute that takes a request, or the Ingress that has the host.
    private func front(of check: CheckEvidence) -> DeclaredPlace? {
        if let request = check.askedRequests.last, let front = fronts(of: request).only {
            let port = front.port.map { " port \($0.words.escaped(limit: 63))" } ?? ""
            return DeclaredPlace(
                "\(front.object.title) leads \(request.host)\(request.path.escaped(limit: 200)) to \(front.serviceTitle)\(port)",
                front.object, line: front.line)
        }
        guard let host = check.foreignHost else { return nil }
        let named = state.ingresses.flatMap { ingress in
            ingress.hosts.filter { HostPattern.rank(of: host, $0.name.lowercased()) == 2 }.map { (ingress, $0.line) }
        }
        guard let (ingress, line) = named.only else { return nil }
        return DeclaredPlace("\(ingress.object.title) is for the host \(host)", ingress.object, line: line)
    }

    private func entry(of check: CheckEvidence) -> DeclaredPlace? {
        guard let host = check.foreignHost,
            let entry = state.mesh.serviceEntries.filter({ $0.hosts.contains(host) }).only
        else { return nil }
        let place = entry.object.place(entry.object.spec?.entry("hosts"))
        return DeclaredPlace("\(entry.object.title) knows the host \(host) in the mesh", entry.object, line: place.line)
    }

    private func pod(of check: CheckEvidence) -> DeclaredPlace? {
        guard let address = check.addresses.only, let index = evaluation.workload(at: address) else { return nil }
        let workload = state.workloads[index]
        let port = check.check.target.port.flatMap { number in workload.template.ports.first { $0.number == number } }
        guard let number = check.check.target.port, let port else {
            let says = check.check.target.port.map { ", which does not name port \($0)" } ?? ""
            return DeclaredPlace(
                "\(address) is \(workload.title)\(workload.template.ports.isEmpty ? "" : says)", workload.object,
                line: workload.object.place.line)
        }
        return DeclaredPlace(
            "\(address) is \(workload.title), whose port \(number)\(port.name.map { " is \($0.escaped(limit: 63))" } ?? " is declared")",
            workload.object, line: port.line)
    }
}

extension CheckEvidence {
    /// The name that is asked for, in lower case; nil for an address.
    var foreignHost: String? {
        let host: Host? = if case .name(let name) = check.target { .name(name) } else { check.target.host }
        guard case .name(let name)? = host else { return nil }
        return name.labels.joined(separator: ".").lowercasedASCII()
    }
}

extension Array {
    /// Its element, where it has one and no more.
    var only: Element? { count == 1 ? first : nil }
}
