import Manifests
import NetValues
import Observations
import Planning
import Wire
import YAML

/// A headless Service that no ready pod is behind has no name at all (Kubernetes DNS specification 1.1.0, section 2.4.1).
extension ServiceNoEndpoints {
    static func headless(_ evidence: Evidence) -> [Finding] {
        guard let view = evidence.declared else { return [] }
        let unknown = evidence.checks.compactMap(NameAnswers.init).filter { $0.rcodes == [.nxDomain] }
        return unknown.compactMap { names -> Finding? in
            guard let host = names.check.foreignHost, let service = view.service(named: host), service.isHeadless,
                let empty = view.emptiness(of: service)
            else { return nil }
            let fault = DeclaredServiceFault.Fault(
                check: names.check, service: service, port: 0, kind: empty.kind, object: empty.object, line: empty.line)
            var finding = finding(
                names.name, checks: [names.check.name], confidence: isScaled(fault) ? .likely : .certain,
                summary: "The headless \(fault.title) has no endpoints, and so no name: \(reason(fault)).",
                evidence: [fault.declaredWords] + evidenceLines(names.lines { $0.rcode == .nxDomain }),
                cause:
                    "The name of a headless Service stands for the addresses of its ready pods. Without any the cluster's DNS says that the name does not exist."
            )
            finding.location = fault.location
            finding.replaces = ["dns-name-not-found", "dns-nxdomain-search-path", "expectation-unmet"]
            return finding
        }
    }
}
