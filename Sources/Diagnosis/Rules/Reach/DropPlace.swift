import NetValues
import Observations

/// Where the packets of a silent endpoint end, as soundings show it.
enum DropPlace: Hashable {
    /// Its SYNs do not even come to the first router that answers, datagrams do.
    case before(limit: Int, router: IPAddress)
    /// After this router, and before the one that a datagram comes to next or the target.
    case after(limit: Int, router: IPAddress, next: IPAddress, distance: Int?)
    /// The last router before the target has them.
    case last(limit: Int, router: IPAddress)
    /// Nothing is heard from behind this router, whatever is sent.
    case all(limit: Int, router: IPAddress)
    /// What is so far away and no further answers with the target's own address that hops ran out: whoever translates it, as a node
    /// does that of a Service, gives it to errors from behind too.
    case translated(limit: Int)

    /// Nil where the soundings do not show it: routers that ration their answers look like packets that are lost.
    init?(_ way: Way, isAlive: Bool) {
        guard let own = way.own, way.answer == nil, !own.hops.isEmpty else { return nil }
        guard let last = way.routers.last else {
            guard let behind = way.provenBehind else { return nil }
            self = .before(limit: behind.limit, router: behind.address)
            return
        }
        if last.address == way.endpoint.address {
            self = .translated(limit: last.limit)
        } else if let distance = way.distance, last.limit >= distance - 1 {
            self = .last(limit: last.limit, router: last.address)
        } else if let behind = way.provenBehind, behind.limit > last.limit {
            self = .after(
                limit: last.limit, router: last.address, next: behind.address, distance: way.distance)
        } else if !isAlive, let furthest = way.referenceRouters.last?.limit, furthest <= last.limit {
            self = .all(limit: last.limit, router: last.address)
        } else {
            return nil
        }
    }

    /// "after hop 2 (198.18.2.2)", to follow "disappear".
    var words: String {
        switch self {
        case .before(let limit, let router): "before hop \(limit) (\(router))"
        case .after(let limit, let router, _, _), .last(let limit, let router), .all(let limit, let router):
            "after hop \(limit) (\(router))"
        case .translated(let limit): "after hop \(limit), which answers in the target's own name"
        }
    }

    /// Who may be asked.
    var cause: String {
        switch self {
        case .before(let limit, let router):
            "Datagrams to the same host do come to \(router), SYNs of this flow do not: a filter of this host itself drops them, or the security group or device that it is attached to\(limit > 1 ? ", or one of the routers before that, which do not answer" : "")."
        case .after(_, let router, let next, let distance):
            "A network policy, security group or firewall drops this port without a word: at \(router), or before \(next), the next router\(distance.map { "; the target is \(counted($0, "hop")) away" } ?? "")."
        case .last(_, let router):
            "A filter at \(router), the last router before the target, or the target's own drops this port without a word; a server whose queue of new connections is full does so too."
        case .translated:
            "The address is translated on the way, as a node does with that of a Service, and routers behind that answer in its name. There, or at the pod, a network policy, security group or firewall drops this port without a word."
        case .all(_, let router):
            "\(router) is the last that answers; behind it neither these packets nor datagrams get a word back."
        }
    }
}
