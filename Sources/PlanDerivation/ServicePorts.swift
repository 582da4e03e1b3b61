import Connectivity
import Manifests
import NetValues
import YAML

/// Each Service by its name, and each of its ports.
extension PlanDerivation {
    /// A Service as the vantage gets at it.
    struct ServiceAccess {
        let service: DeclaredService
        /// Its name, or its address where names do not resolve.
        let host: String
        let nameCheck: String?
        /// Indices of the workloads that it selects and that run pods.
        let workloads: [Int]

        var title: String { "\(service.namespace)/\(service.name)" }
    }

    mutating func deriveServices() {
        let sorted = state.services.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
        for service in sorted { derive(service) }
    }

    func fullName(_ service: DeclaredService) -> String { "\(service.name).\(service.namespace).svc.\(domain)" }

    private mutating func derive(_ service: DeclaredService) {
        let title = "\(service.namespace)/\(service.name)"
        if service.kind == .externalName { return deriveAlias(service, title) }
        let selected =
            service.selector.map { state.indices(in: service.namespace, with: LabelSelector(matchLabels: $0)) } ?? []
        let running = selected.filter { state.workloads[$0].replicas != 0 }
        if !selected.isEmpty, running.isEmpty {
            return note("\(because(service.object)): its pods are scaled to none")
        }
        guard let access = access(service, title, running) else { return }
        for port in service.ports { derive(port, of: access) }
        if service.isHeadless { deriveMembers(access) }
    }

    private mutating func access(_ service: DeclaredService, _ title: String, _ running: [Int]) -> ServiceAccess? {
        if names.isOfCluster {
            let check = add(
                "dns of \(title)", "dns", fullName(service), answers(service), labels: labels(to: service.namespace),
                because: because(service.object))
            return ServiceAccess(service: service, host: fullName(service), nameCheck: check, workloads: running)
        }
        guard let address = service.clusterIPs.compactMap({ IPAddress($0) }).first else {
            note("\(because(service.object)): its name cannot be resolved from here, and its address is not declared")
            return nil
        }
        return ServiceAccess(service: service, host: address.description, nameCheck: nil, workloads: running)
    }

    /// Of a Service with addresses these and no others.
    private func answers(_ service: DeclaredService) -> [PlanKey] {
        let addresses = service.clusterIPs.compactMap { IPAddress($0) }
        guard let first = addresses.first else { return [] }
        let families = Set(addresses.map(\.family))
        let type = families.count > 1 ? [] : [PlanKey("type", .word(first.family == .v4 ? "A" : "AAAA"))]
        return type + .expect(PlanKey("answers", .list(addresses.map { .text($0.description) })))
    }

    private mutating func deriveAlias(_ service: DeclaredService, _ title: String) {
        guard let target = service.object.spec?["externalName"]?.text, names.isOfCluster else {
            return note("\(because(service.object)): an ExternalName whose name cannot be resolved from here")
        }
        add(
            "dns of \(title)", "dns", fullName(service),
            [PlanKey("type", .word("CNAME"))] + .expect(PlanKey("answers", .list([.text(target)]))),
            because: because(service.object, "alias of \(target)"))
    }

    /// Pods of a StatefulSet have names of their own under its headless Service.
    private mutating func deriveMembers(_ access: ServiceAccess) {
        guard names.isOfCluster else { return }
        for index in access.workloads {
            let workload = state.workloads[index]
            guard workload.kind == "StatefulSet", workload.object.spec?["serviceName"]?.text == access.service.name
            else {
                continue
            }
            let first = workload.object.spec?[["ordinals", "start"]]?.int ?? 0
            guard (0...1_000_000).contains(first) else { continue }
            for number in first..<(first + min(max(0, workload.replicas ?? 1), 20)) {
                let name = "\(workload.name)-\(number).\(access.host)"
                add(
                    "dns of \(workload.namespace)/\(workload.name)-\(number)", "dns", name, needs: [access.nameCheck],
                    labels: labels(to: workload.namespace), because: because(workload.object))
            }
        }
    }

    // MARK: Ports

    private mutating func derive(_ port: DeclaredService.Port, of access: ServiceAccess) {
        let service = access.service
        let reason = because(service.object, "port \(port.number)", line: port.line)
        guard let ends = ends(port, of: access) else {
            return note("\(reason): no pod has a port named so")
        }
        // Nothing translates the port of a headless Service: clients go to the pods' own.
        let number = service.isHeadless ? ends.first?.port ?? port.number : port.number
        let aim = Aim(
            name: "\(access.title):\(number)", host: access.host, port: number, needs: [access.nameCheck],
            labels: labels(to: service.namespace), reason: reason)
        switch judgement(ends, port.transport, access) {
        case .own: note("\(reason): the vantage's own")
        case .mixed(let decisions):
            note(
                "\(reason): allowed to some of its pods only (\(decisions.first?.policy ?? "")\(decisions.first.map { Self.at($0.place) } ?? ""))"
            )
        case .undecided?: note("\(reason): \(Self.undecidedWords)")
        case nil:
            note(
                "\(reason): which pods it leads to is in no manifest, and policies isolate; so whether it may be reached is not known"
            )
        case .denied(let decisions)?: _ = derive(aim, port, isAllowed: false, words(decisions))
        case .allowed?:
            let check = derive(aim, port, isAllowed: true, nil)
            if port.transport == .tcp { deriveReadiness(aim, ends, needs: check) }
            deriveFronts(port, of: access)
        }
    }

    /// Nil where none of its pods has the port.
    private func ends(_ port: DeclaredService.Port, of access: ServiceAccess) -> [FlowEnd]? {
        let slices = state.endpoints(of: access.service)
        if access.workloads.isEmpty, !slices.isEmpty {
            return slices.flatMap { slice in
                let numbers = slice.ports.filter {
                    $0.transport == port.transport && ($0.name ?? "") == (port.name ?? "")
                }
                return slice.ready.compactMap(\.address).flatMap { address in
                    numbers.map { FlowEnd(party: evaluation.party(at: address), port: $0.number) }
                }
            }
        }
        let ends = access.workloads.compactMap { index -> FlowEnd? in
            // A headless Service gives the pods' addresses: nothing translates the port.
            let number = access.service.isHeadless ? port.number : port.port(at: state.workloads[index].template)
            return number.map { FlowEnd(party: .workload(index), port: $0) }
        }
        return ends.isEmpty && !access.workloads.isEmpty ? nil : ends
    }

    /// Nil where it is not known.
    private func judgement(_ ends: [FlowEnd], _ transport: PortTransport, _ access: ServiceAccess) -> FlowJudgement? {
        guard ends.isEmpty else { return judge(ends, transport) }
        let selector = access.service.selector
        let mayBeIsolated = selector.map { labels in
            state.policies.contains {
                $0.namespace == access.service.namespace && $0.isolates.contains(.ingress)
                    && $0.selector.maySelect(podsWith: labels)
            }
        }
        return isEgressIsolated || mayBeIsolated == true ? nil : .allowed
    }

    /// - Returns: the name of the check.
    mutating func derive(_ aim: Aim, _ port: DeclaredService.Port, isAllowed: Bool, _ why: String?) -> String? {
        switch port.transport {
        case .tcp: return deriveStream(aim, isAllowed: isAllowed, why)
        case .udp:
            if let check = deriveNameServer(aim, port, isAllowed: isAllowed, why) { return check }
            let words = [port.name, port.appProtocol].compactMap(\.self)
            return deriveDatagram(aim, words: words, isAllowed: isAllowed, why)
        case .sctp:
            note("\(aim.reason): no probe speaks SCTP")
            return nil
        }
    }
}

extension PlanDerivation {
    /// The cluster's own DNS is asked for the name that it must know; of another the names are not known.
    private mutating func deriveNameServer(
        _ aim: Aim, _ port: DeclaredService.Port, isAllowed: Bool, _ why: String?
    ) -> String? {
        guard port.number == 53, let service = state.service(NameAccess.serverNamespace, aim.serviceName),
            aim.name.hasPrefix("\(NameAccess.serverNamespace)/"), NameAccess.serverNames.contains(service.name),
            let address = service.clusterIPs.compactMap({ IPAddress($0) }).first
        else { return nil }
        let servers = PlanKey("servers", .list([.text(address.description)]))
        return add(
            "dns server \(aim.name)\(isAllowed ? "" : " is blocked")", "dns", "kubernetes.default.svc.\(domain)",
            [servers] + (isAllowed ? [] : .blocked), labels: aim.labels, because: aim.reason,
            why ?? "the cluster's own DNS")
    }
}

/// One endpoint that checks are made for.
struct Aim {
    /// "shop/api:8080"
    let name: String
    let host: String
    let port: UInt16
    let needs: [String?]
    let labels: [PlanKey]
    let reason: String

    var target: String { hostPort(host, port) }
    /// "api" of "shop/api:8080"
    var serviceName: String { String(name.drop { $0 != "/" }.dropFirst().prefix { $0 != ":" }) }
}

extension PlanDerivation {
    mutating func deriveStream(_ aim: Aim, isAllowed: Bool, _ why: String?) -> String? {
        if isAllowed {
            return add("tcp \(aim.name)", "tcp", aim.target, needs: aim.needs, labels: aim.labels, because: aim.reason)
        }
        return add(
            "tcp \(aim.name) is blocked", "tcp", aim.target, .blocked, needs: aim.needs, labels: aim.labels,
            because: aim.reason, why ?? "blocked")
    }

    private static let services: [UInt16: String] = [53: "dns", 123: "ntp", 443: "quic", 5060: "sip", 7: "echo"]
    private static let serviceWords = [
        "dns": "dns", "ntp": "ntp", "quic": "quic", "h3": "quic", "http3": "quic", "sip": "sip",
    ]

    /// Over UDP only a service's own protocol gets an answer.
    mutating func deriveDatagram(_ aim: Aim, words: [String], isAllowed: Bool, _ why: String?) -> String? {
        let named = words.lazy.compactMap { Self.serviceWords[String($0.lowercased().prefix { $0 != "-" })] }.first
        guard let service = named ?? Self.services[aim.port] else {
            note("\(aim.reason): UDP, and no probe speaks what is behind it")
            return nil
        }
        let keys = Self.services[aim.port] == service ? [] : [PlanKey("service", .word(service))]
        if isAllowed {
            return add(
                "udp \(aim.name)", "udp", aim.target, keys, needs: aim.needs, labels: aim.labels, because: aim.reason)
        }
        return add(
            "udp \(aim.name) is blocked", "udp", aim.target, keys + .blocked, needs: aim.needs, labels: aim.labels,
            because: aim.reason, why ?? "blocked")
    }
}

extension LabelSelector {
    /// Pods that have these labels may have others too.
    fileprivate func maySelect(podsWith labels: [String: String]) -> Bool {
        requirements.allSatisfy { labels[$0.key] == nil || $0.matches(labels) }
    }
}
