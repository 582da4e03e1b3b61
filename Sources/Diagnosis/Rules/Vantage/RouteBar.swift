import NetValues
import Observations

/// What in the own routes and rules forbids a packet, where they were read and agree with the error that the kernel gave.
struct RouteBar {
    /// The route or rule, by name.
    let words: String?
    /// The routes let the packet out: something else stops it.
    let isRouted: Bool
    let lines: [String]

    /// The route may have come after the run's start or gone before its end.
    init(_ flow: Flow, _ evidence: Evidence) {
        let states = [evidence.vantage.end, evidence.vantage.start].compactMap(\.self)
        let decisions = states.compactMap { Routing($0)?.decide(flow.packet) }
        guard case .deniedLocally(let failure) = flow.outcome else {
            (words, isRouted, lines) = (nil, false, [])
            return
        }
        if let bar = decisions.first(where: { $0.answers(with: failure.name) }), let name = bar.words {
            (words, isRouted) = (name, false)
            lines = ["\(name) answers with \(failure.name)"]
        } else if failure.name == "EPERM", let way = decisions.first, way.isOut, let name = way.words {
            (words, isRouted) = (nil, true)
            lines = ["\(name) would let it out: EPERM is the word of a packet filter or a hook"]
        } else {
            (words, isRouted, lines) = (nil, false, [])
        }
    }
}

extension Routing.Decision {
    /// Whether the kernel gives this error for such a route or rule (fib_props in net/ipv4/fib_semantics.c; ip6_rt_type_to_error).
    func answers(with error: String) -> Bool {
        switch error {
        case "EACCES": bars(.prohibit, rule: .prohibit)
        case "EINVAL": bars(.blackhole, rule: .blackhole)
        case "EHOSTUNREACH", "ENETUNREACH": bars(.unreachable, rule: .unreachable)
        default: false
        }
    }

    private func bars(_ kind: RouteState.Kind, rule action: RoutingRuleState.Action) -> Bool {
        switch way {
        case .route(let route): route.kind == kind
        case .barred: rule?.action == action
        case .none: false
        }
    }

    /// To another host.
    var isOut: Bool {
        if case .route(let route) = way { route.kind == .unicast } else { false }
    }
}
