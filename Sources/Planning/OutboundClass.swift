/// What a target stands for where it matters what may leave this network: the label `outbound` of a check. `leadsman doctor` sets it,
/// and a plan may.
package enum OutboundClass: String, Hashable, Sendable, CaseIterable {
    /// Somewhere on the internet, that should be reached.
    case internet
    /// A port that nobody declared: where it answers, nothing limits what leaves.
    case undeclared
    /// Where nothing can answer: what accepts there accepts everything.
    case nowhere
    /// The cloud's metadata service.
    case metadata
}

extension Check {
    package static let outboundLabel = "outbound"
    package static let operatorLabel = "operator"

    package var outbound: OutboundClass? { labels[Self.outboundLabel].flatMap(OutboundClass.init) }
    /// Who runs the target: targets of one operator may fail together for a reason of its own.
    package var operatorName: String? { labels[Self.operatorLabel] }
}
