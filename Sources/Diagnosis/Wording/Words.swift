import NetValues
import Observations
import Wire

/// "a", "a and b", "a, b and 7 more".
package func listed(_ items: [String], limit: Int = 3) -> String {
    guard items.count > 1 else { return items.first ?? "" }
    if items.count <= limit { return items.dropLast().joined(separator: ", ") + " and " + items[items.count - 1] }
    return items.prefix(limit).joined(separator: ", ") + " and \(items.count - limit) more"
}

/// "1 check", "3 checks"
package func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(plural ?? noun + "s")"
}

extension ICMPErrorReport {
    /// "administratively prohibited (ICMP 3/13) from 198.18.1.1"
    var words: String {
        let name = icmpErrorName(type: type, code: code, isV6: origin == .icmpv6)
        return name + (offender.map { " from \($0)" } ?? "")
    }
}

extension Flow {
    /// One line of evidence.
    var words: String {
        let what = carrier == .icmp ? "echo request to \(endpointText)" : "\(carrier.rawValue) to \(endpointText)"
        return switch outcome {
        case .answered: "\(what): answered after \(elapsed.spoken)"
        case .refused(nil): "\(what): refused by a reset after \(elapsed.spoken)"
        case .refused(.some(let report)), .rejected(let report), .unreachable(let report), .expired(let report):
            "\(what): \(report.words)\(carrier == .icmp ? "" : ", after \(elapsed.spoken)")"
        case .noRoute(let failure): "\(what): this host has no route (\(failure.name), after \(elapsed.spoken))"
        case .deniedLocally(let failure):
            "\(what): this host itself forbids it (\(failure.name), after \(elapsed.spoken))"
        case .neighbourUnresolved:
            // Without a wait the kernel tells of an entry that had failed before (NUD_FAILED): nobody was asked for it now.
            elapsed < .milliseconds(1)
                ? "\(what): nobody on the link answers for the next hop: the kernel had given up on it shortly before"
                : "\(what): nobody on the link answers for the next hop, given up after \(elapsed.spoken)"
        // Of an echo only a round trip is timed.
        case .silent where carrier == .icmp: "\(what): no answer of any kind"
        case .silent where attempts > 1: "\(what): \(attempts) attempts, no answer of any kind in \(elapsed.spoken)"
        case .silent: "\(what): no answer of any kind in \(elapsed.spoken)"
        case .exhaustedLocally(let failure): "\(what): this host ran out of ports or buffers (\(failure.name))"
        case .other(let failure): "\(what): \(failure.name) after \(elapsed.spoken)"
        }
    }
}

/// Lines that say the same are told once, with a count, and at most `limit` of them.
func evidenceLines(_ lines: [String], limit: Int = 6) -> [String] {
    let groups = grouped(lines, by: { $0 })
    let shown = groups.prefix(limit).map { $0.members.count > 1 ? "\($0.key) (\($0.members.count) times)" : $0.key }
    return groups.count > limit ? shown + ["… and \(groups.count - limit) more observations like these"] : shown
}

/// Flows that differ only in their timing, told once with the range.
func flowLines(_ flows: [Flow], limit: Int = 6) -> [String] {
    let groups = grouped(flows) { flow in
        Flow(
            carrier: flow.carrier, destination: flow.destination, port: flow.port, outcome: flow.outcome,
            elapsed: .zero,
            attempts: 0)
    }
    let lines = groups.prefix(limit).compactMap { group -> String? in
        guard let slowest = group.members.max(by: { $0.elapsed < $1.elapsed }) else { return nil }
        return group.members.count > 1 ? "\(slowest.words) (so \(group.members.count) times)" : slowest.words
    }
    return groups.count > limit ? lines + ["… and \(groups.count - limit) more like these"] : lines
}
