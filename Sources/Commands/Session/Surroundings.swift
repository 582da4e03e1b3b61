import Observations
import VantageState

/// Where this vantage stands.
enum Surroundings {
    static func read(resolver: ResolverConfiguration) -> VantageSurroundings {
        var environment: [String: String] = [:]
        for name in SurroundingsFiles.variables { environment[name] = Terminal.environment(name) }
        return SurroundingsFiles().read(environment: environment, resolver: resolver)
    }
}
