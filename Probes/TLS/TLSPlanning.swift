import NetValues
import Planning
import ProbeKit

extension TLSSettings {
    /// From the keys of a check.
    init(_ check: Check, host: Host) throws(PlanProblem) {
        let keys = check.parameters
        let given = keys.text("serverName")
        let name = given.flatMap { DomainName($0) }
        if given != nil, name == nil {
            throw PlanProblem("serverName: expected a domain name", at: keys.places["serverName"])
        }
        let expected = name.map { Host.name($0) } ?? host
        self.init(serverName: expected.name.map { $0.labels.joined(separator: ".") }, expectedName: expected)
        caPath = keys.text("ca")
        certificatePath = keys.text("certificate")
        keyPath = keys.text("key")
        alpn = keys.list("alpn") ?? []
        minVersion = keys.text("minVersion").flatMap { Version(rawValue: $0) }
        maxVersion = keys.text("maxVersion").flatMap { Version(rawValue: $0) }
        try refuseContradictions(keys)
    }

    private func refuseContradictions(_ keys: Parameters) throws(PlanProblem) {
        if certificatePath == nil, keyPath != nil {
            throw PlanProblem("key needs certificate: the PEM file with the client certificate", at: keys.places["key"])
        }
        if keyPath == nil, certificatePath != nil {
            throw PlanProblem(
                "certificate needs key: the PEM file with its private key (the same file if it holds both)",
                at: keys.places["certificate"])
        }
        if let minVersion, let maxVersion, minVersion > maxVersion {
            throw PlanProblem(
                "minVersion \(minVersion.rawValue) is newer than maxVersion \(maxVersion.rawValue)",
                at: keys.places["minVersion"])
        }
    }
}
