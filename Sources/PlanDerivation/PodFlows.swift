import Connectivity
import Manifests
import NetValues
import YAML

/// Pods whose addresses are known, at the ports that their containers declare.
extension PlanDerivation {
    mutating func derivePods() {
        let sorted = state.workloads.indices.sorted {
            let (left, right) = (state.workloads[$0], state.workloads[$1])
            return (left.namespace, left.name, left.kind) < (right.namespace, right.name, right.kind)
        }
        for index in sorted where index != vantage && isRunning(state.workloads[index]) { derivePod(index) }
    }

    private func isRunning(_ workload: Workload) -> Bool {
        !["Succeeded", "Failed"].contains(workload.object["status", "phase"]?.text) && workload.replicas != 0
    }

    private mutating func derivePod(_ index: Int) {
        let workload = state.workloads[index]
        let title = "\(workload.namespace)/\(workload.name)"
        for port in workload.template.ports.uniquePorts where !workload.addresses.isEmpty {
            let end = FlowEnd(party: .workload(index), port: port.number)
            let judgement = judge([end], port.transport)
            for address in workload.addresses {
                let aim = Aim(
                    name: "\(title) at \(hostPort(address.description, port.number))", host: address.description,
                    port: port.number, needs: [], labels: labels(to: workload.namespace),
                    reason: because(workload.object, "port \(port.number)", line: port.line))
                derive(aim, port, end, judgement)
            }
        }
    }

    private mutating func derive(_ aim: Aim, _ port: PodTemplate.Port, _ end: FlowEnd, _ judgement: FlowJudgement) {
        var denial: String?
        switch judgement {
        case .denied(let decisions): denial = words(decisions)
        case .undecided: return note("\(aim.reason): \(Self.undecidedWords)")
        case .allowed, .mixed, .own: denial = nil
        }
        switch port.transport {
        case .tcp:
            let check = deriveStream(aim, isAllowed: denial == nil, denial)
            if denial == nil { deriveReadiness(aim, [end], needs: check) }
        case .udp: _ = deriveDatagram(aim, words: [port.name].compactMap(\.self), isAllowed: denial == nil, denial)
        case .sctp: note("\(aim.reason): no probe speaks SCTP")
        }
    }
}

extension [PodTemplate.Port] {
    /// Several containers may declare the same.
    fileprivate var uniquePorts: [PodTemplate.Port] {
        var seen: Set<String> = []
        return filter { seen.insert("\($0.transport.rawValue)/\($0.number)").inserted }
    }
}
