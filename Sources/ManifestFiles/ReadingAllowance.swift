import Manifests
import YAMLReading

/// What one reading may still cost beyond what stands in its files, taken over all of them: a thousand small hostile files are no
/// better than one.
struct ReadingAllowance {
    /// What aliases and merge keys stand for.
    var repeated = YAMLComposer.Repeated(nodes: 1_000_000, textBytes: 64 << 20)
    /// Documents of the file now read that may still turn out to be none; behind so many of them it is none of manifests.
    var mistakes = mostMistakes
    static let mostMistakes = 100
    /// Mistakes that reading goes on behind, each of which becomes a finding.
    var remarks = 1000

    /// Of the mistakes of a document those that are told: the last that is says that there are more.
    mutating func told(_ problems: [ManifestSet.Problem]) -> [ManifestSet.Problem] {
        guard problems.count >= remarks else {
            remarks -= problems.count
            return problems
        }
        guard remarks > 0 else { return [] }
        let last = ManifestSet.Problem(
            kind: .strange, place: problems[remarks - 1].place, message: "more mistakes follow, and are not told")
        defer { remarks = 0 }
        return problems.prefix(remarks - 1) + [last]
    }

    mutating func take(_ used: YAMLComposer.Repeated) {
        repeated.nodes = max(0, repeated.nodes - used.nodes)
        repeated.textBytes = max(0, repeated.textBytes - used.textBytes)
    }
}
