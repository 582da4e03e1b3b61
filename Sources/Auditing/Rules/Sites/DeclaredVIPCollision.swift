import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// An address that belongs to the API server (catalogue section 5, the static half).
enum DeclaredVIPCollision: AuditRule {
    static let explanation = FindingExplanation.shared("vip-collides-reserved", severity: .error)

    private struct Reserved {
        let address: IPAddress
        let words: String
        /// By a range of this set, and not by a distribution's default.
        let isDeclared: Bool
    }

    /// First addresses of the service ranges that distributions choose by default.
    private static let defaults: [(String, String)] = [
        ("10.96.0.1", "10.96.0.0/12, kubeadm's default"), ("10.0.0.1", "10.0.0.0/16, the default of AKS"),
        ("10.43.0.1", "10.43.0.0/16, k3s's default"), ("10.152.183.1", "10.152.183.0/24, MicroK8s's default"),
        ("10.100.0.1", "10.100.0.0/16, a default of EKS"), ("172.20.0.1", "172.20.0.0/16, a default of EKS"),
        ("172.30.0.1", "172.30.0.0/16, OpenShift's default"),
    ]

    static func findings(in state: DeclaredState) -> [Finding] {
        let declared = DeclaredRange.all(state).filter { $0.role == .services }.map { range in
            Reserved(
                address: IPAddress(number: range.range.address.number + 1, range.range.address.family),
                words: range.words, isDeclared: true)
        }
        let known = defaults.compactMap { text, words in
            IPAddress(text).map { Reserved(address: $0, words: words, isDeclared: false) }
        }
        let reserved = Dictionary((declared + known).map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        return imports(state, reserved) + records(state, reserved) + services(state, reserved)
    }

    private static func imports(_ state: DeclaredState, _ reserved: [IPAddress: Reserved]) -> [Finding] {
        state.objects("ServiceImport").flatMap { object in
            (object["spec", "ips"]?.items ?? []).compactMap { item in
                hit(item, reserved).map { tell(object, item, $0, .likely, "is to be reached at") }
            }
        }
    }

    private static func records(_ state: DeclaredState, _ reserved: [IPAddress: Reserved]) -> [Finding] {
        DeclaredRecord.all(state).flatMap { record in
            record.targets.compactMap { target in
                reserved[target.address].map { tell(record.object, target.node, $0, .possible, "points to") }
            }
        }
    }

    private static func services(_ state: DeclaredState, _ reserved: [IPAddress: Reserved]) -> [Finding] {
        state.services.filter { !($0.namespace == "default" && $0.name == "kubernetes") }.compactMap { service in
            guard let node = service.object["spec", "clusterIP"] ?? service.object["spec", "loadBalancerIP"],
                let found = hit(node, reserved)
            else { return nil }
            return tell(service.object, node, found, .likely, "asks for")
        }
    }

    private static func hit(_ node: YAMLNode, _ reserved: [IPAddress: Reserved]) -> Reserved? {
        node.text.flatMap { IPAddress($0) }.flatMap { reserved[$0] }
    }

    private static func tell(
        _ object: ManifestObject, _ node: YAMLNode, _ reserved: Reserved, _ confidence: Finding.Confidence,
        _ verb: String
    ) -> Finding {
        finding(
            object, at: object.place(node), confidence: reserved.isDeclared ? .certain : confidence,
            summary: "\(object.title) \(verb) \(reserved.address), which a cluster gives to its API server.",
            evidence: [
                "\(reserved.address) is the first address of \(reserved.words): Service default/kubernetes has it"
            ],
            cause: "Within such a cluster whoever connects to this address speaks to the API server.",
            remedy: [
                "choose another address, or leave it to the controller that gives them out",
                "for a record use the address of the load balancer that is reached from outside",
            ])
    }
}
