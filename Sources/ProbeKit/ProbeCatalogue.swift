import Planning

/// The probes there are, by kind. Adding a probe is one line where this is made.
package struct ProbeCatalogue: Sendable {
    private let types: [any Probe.Type]
    private let byKind: [String: any Probe.Type]

    package init(_ types: [any Probe.Type]) {
        self.types = types
        byKind = Dictionary(types.map { ($0.description.kind, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// In the order of the catalogue.
    package var descriptions: [ProbeDescription] { types.map { $0.description } }

    package func description(of kind: String) -> ProbeDescription? { byKind[kind]?.description }

    /// The probe that carries out `check`.
    /// - Throws: what is wrong with the check's values taken together, or an unknown kind.
    package func probe(for check: Check) throws(PlanProblem) -> any Probe {
        guard let type = byKind[check.kind] else { throw PlanProblem("no probe of kind '\(check.kind)'") }
        return try type.init(check: check)
    }
}
