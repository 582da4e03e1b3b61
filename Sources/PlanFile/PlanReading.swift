import NetValues
import Planning
import YAML

/// The state of reading one file: where it is, what was found wrong, which secrets it named.
final class PlanReading {
    let file: String
    let probes: [ProbeDescription]
    private(set) var mistakes: [PlanProblem] = []
    private var references: SecretReferences
    /// What is wrong with each regular expression that was met; plans repeat them.
    private var patternVerdicts: [String: String?] = [:]

    init(file: String, probes: [ProbeDescription], references: SecretReferences) {
        self.file = file
        self.probes = probes
        self.references = references
    }

    var secrets: [Secret] { references.secrets }

    func place(_ mark: Mark) -> SourcePlace {
        SourcePlace(file: file, line: Int(mark.line), column: Int(mark.column))
    }

    func report(_ message: String, at mark: Mark) {
        mistakes.append(PlanProblem(message, at: place(mark)))
    }

    /// For words that come from elsewhere (a probe's own tests), which may repeat the value they were given.
    func reportForeign(_ message: String, at place: SourcePlace) {
        mistakes.append(PlanProblem(withoutSecrets(message), at: place))
    }

    func resolve(_ text: String, at mark: Mark) -> PlanText? {
        do {
            return try references.resolve(text)
        } catch {
            report(error.message, at: mark)
            return nil
        }
    }

    /// What is wrong with a regular expression, or nil.
    func verdict(onPattern pattern: String) -> String? {
        if let known = patternVerdicts[pattern] { return known }
        let verdict = patternFault(pattern)
        patternVerdicts[pattern] = .some(verdict)
        return verdict
    }

    private func withoutSecrets(_ message: String) -> String {
        secrets.sorted { $0.value.utf8.count > $1.value.utf8.count }.reduce(message) { message, secret in
            message.replacing(ascii: secret.value, with: secret.reference)
                .replacing(ascii: secret.value.escaped(limit: .max), with: secret.reference)
        }
    }
}

extension String {
    /// One pass from the front; what was put in is not searched again.
    fileprivate func replacing(ascii needle: String, with replacement: String) -> String {
        var result = ""
        var rest = self[...]
        while let range = rest.range(ofASCII: needle) {
            result += rest[..<range.lowerBound] + replacement
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
