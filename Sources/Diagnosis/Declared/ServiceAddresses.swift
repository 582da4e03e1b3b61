import Manifests
import NetValues
import Observations
import Planning

/// Addresses of Services that no machine has (ClusterIP): rules of each node send what goes to a declared port on to pods. Whether
/// anything else there is answered, rejected or has no route is the node's own affair, and says nothing of the Service.
struct ServiceAddresses: Sendable {
    /// With the UDP ports that lead somewhere.
    private let datagramPorts: [IPAddress: Set<UInt16>]

    init(_ services: [DeclaredService]) {
        var ports: [IPAddress: Set<UInt16>] = [:]
        for service in services {
            let numbers = service.ports.filter { $0.transport == .udp }.map(\.number)
            for address in service.clusterIPs.compactMap({ IPAddress($0) }) {
                ports[address, default: []].formUnion(numbers)
            }
        }
        datagramPorts = ports
    }

    /// A check's samples without what is no evidence. What was asked for itself stays: who pings such an address shall see what comes.
    func evidence(of record: CheckRecord) -> CheckRecord {
        if let silent = unanswered(record) { return silent }
        guard !datagramPorts.isEmpty, ["tcp", "tls", "http"].contains(record.check.kind),
            record.samples.contains(where: { $0.facts.contains(where: isNone) })
        else { return record }
        var record = record
        for index in record.samples.indices {
            record.samples[index].facts = record.samples[index].facts.filter { !isNone($0) }
        }
        return record
    }

    /// An echo beside what was asked for that brought no reply measures nothing.
    private func unanswered(_ record: CheckRecord) -> CheckRecord? {
        guard record.check.kind == "icmp", !record.check.isAsked, record.ending == .measured,
            let address = record.facts.lazy.compactMap(Self.echo).first?.address,
            record.facts.lazy.compactMap(Self.echo).allSatisfy({
                datagramPorts[$0.address] != nil && $0.outcome != .replied
            })
        else { return nil }
        var record = record
        record.samples = []
        record.ending = .unmeasured(
            Inability(
                .notApplicable, action: "ping \(address)",
                reason: "it is the address of a Service (ClusterIP), of which nodes translate declared ports only",
                fix: "ping a pod's own address"))
        return record
    }

    private static func echo(_ fact: Fact) -> EchoFact? { if case .echo(let echo) = fact { echo } else { nil } }

    private func isNone(_ fact: Fact) -> Bool {
        switch fact {
        case .echo(let echo): datagramPorts[echo.address] != nil
        case .datagram(let datagram): isNone(datagram.endpoint)
        case .sounding(let sounding):
            switch sounding.carrier {
            case .tcp: false
            case .udp: isNone(sounding.endpoint)
            case .icmp: datagramPorts[sounding.endpoint.address] != nil
            }
        default: false
        }
    }

    private func isNone(_ endpoint: Endpoint) -> Bool {
        datagramPorts[endpoint.address].map { !$0.contains(endpoint.port) } ?? false
    }
}
