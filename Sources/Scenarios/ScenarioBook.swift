/// The built-in plans, in the order of their documents.
package enum ScenarioBook {
    package static let all: [Scenario] = [.ecommerce, .multiCluster, .serviceMesh, .edge, .hybridCloud, .aks]

    package static func scenario(_ name: String) -> Scenario? { all.first { $0.name == name } }
}
