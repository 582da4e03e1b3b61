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

    /// Names that somebody could have meant, and that were not asked for: those of the search list when the name was
    /// absolute or the list was off. For a name that does not exist.
    package static func otherForms(
        of name: DomainName, than asked: [DomainName], _ configuration: ResolverConfiguration
    ) -> [DomainName] {
        let known = Set(asked.map(\.canonical))
        return Array(candidates(for: name.relative, configuration).filter { !known.contains($0.canonical) }.prefix(6))
    }
}
