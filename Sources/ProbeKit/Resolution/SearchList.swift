import NetValues
import Observations

/// The names that a resolver asks for in turn when a user writes one name (resolv.conf(5), `search` and `ndots`).
package enum SearchList {
    /// All candidates, absolute, in the order in which they are tried; the name itself is always among them.
    package static func candidates(for name: DomainName, _ configuration: ResolverConfiguration) -> [DomainName] {
        if name.isAbsolute { return [name] }
        let searched = configuration.search.compactMap { name.under($0) }
        // Enough dots: as it is first. Otherwise last, after every search domain.
        let all = name.dots >= configuration.ndots ? [name.absolute] + searched : searched + [name.absolute]
        var known: Set<String> = []
        return all.filter { known.insert($0.canonical).inserted }
    }
}
