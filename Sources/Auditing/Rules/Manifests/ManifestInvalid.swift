import Diagnosis
import Manifests
import Planning
import YAML

/// What the API server refuses, or no reader understands.
enum ManifestInvalid: AuditRule {
    static let explanation = FindingExplanation(
        id: "manifest-invalid", severity: .error, title: "A manifest is refused",
        signals: [
            "the text is no YAML, or a template that was not rendered", "a key is written twice",
            "a field is missing that the API requires, is of another type, or has no such name",
            "the selector of a workload does not match its own pods",
        ],
        lookalikes: [
            "two objects without `---` between them: manifest-document-separator",
            "a kind or version that is not served: manifest-api-unknown, manifest-api-removed",
        ],
        traps: [
            "only built-in kinds are held against the API's fields",
            "a part of an object that a guide shows is no object",
        ],
        remedy: [
            "correct the line", "kubectl apply --dry-run=server -f FILE says what the API server thinks of it",
        ])

    static func findings(in state: DeclaredState) -> [Finding] {
        texts(state) + templates(state) + state.set.objects.flatMap(mistakes) + state.set.fragments.compactMap(kindless)
    }

    private static func mistakes(_ object: ManifestObject) -> [Finding] {
        guard ObjectShape.of(object) != nil else { return [] }
        var mistakes = ObjectMistakes(object)
        ObjectShape.of(object)?.check(object.root, at: "", &mistakes)
        ServiceParts.check(object, &mistakes)
        WorkloadParts(object).check(&mistakes)
        return mistakes.found.map { mistake in
            finding(
                object, at: mistake.place, summary: "\(object.title) is refused: \(mistake.message).",
                evidence: ["\(object.apiVersion) \(object.kind): \(mistake.message)"],
                cause: "The API server does not take the object as it stands, so nothing of it comes into effect.",
                patch: mistake.patch)
        }
    }

    private static func texts(_ state: DeclaredState) -> [Finding] {
        let titles = ObjectTitles(state.set.objects)
        return state.set.problems.compactMap { problem in
            switch problem.kind {
            case .missingSeparator, .template: return nil
            case .unreadable:
                let file = problem.place.file.map { $0 == "-" ? ManifestPlace.standardInput : $0 } ?? "the text"
                return finding(
                    about: file, at: problem.place, summary: "This cannot be read as YAML: \(problem.message).",
                    evidence: ["\(problem.place.words ?? "line \(problem.place.line)"): \(problem.message)"],
                    cause: "Reading ends here until the next line of three dashes; what stands between is not judged.",
                    remedy: ["correct the line"])
            case .repeatedKey, .strange:
                return finding(
                    about: titles.title(at: problem.place), at: problem.place,
                    summary: "What stands here is refused: \(problem.message).", evidence: [problem.message],
                    cause: problem.kind == .repeatedKey
                        ? "Strict readers refuse it; of others each takes another of the two values."
                        : "Kubernetes reads manifests as JSON, which cannot say this.")
            }
        }
    }

    /// A chart has many; they are one mistake.
    private static func templates(_ state: DeclaredState) -> [Finding] {
        let found = state.set.problems.filter { $0.kind == .template }
        let folders = Dictionary(grouping: found) { folder($0.place.file ?? "") }
        return folders.sorted { $0.key < $1.key }.compactMap { folder, problems in
            guard let first = problems.min(by: { $0.place < $1.place }) else { return nil }
            let evidence =
                problems.count == 1 ? [] : ["\(counted(problems.count, "file")) of \(folder) are such templates"]
            return finding(
                about: first.place.file ?? "the text", at: first.place,
                summary: "A Helm template cannot be judged before it is rendered.",
                evidence: ["\(first.place.words ?? "line \(first.place.line)"): \(first.message)"] + evidence,
                cause:
                    "What stands between `{{` and `}}` gets its value when Helm renders the chart; until then it is no YAML.",
                remedy: ["helm template CHART --values VALUES | leadsman audit -"])
        }
    }

    private static func folder(_ file: String) -> String {
        file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    /// An object but for its kind; Chart.yaml and kustomization.yaml have neither metadata nor spec.
    private static func kindless(_ fragment: ManifestSet.Fragment) -> Finding? {
        guard fragment.root["apiVersion"] != nil, fragment.root["spec"] != nil || fragment.root["metadata"] != nil
        else {
            return nil
        }
        let place = ManifestPlace(file: fragment.file, line: Int(fragment.root.mark.line))
        return finding(
            about: fragment.file ?? "the text", at: place, summary: "An object has no kind.",
            evidence: ["apiVersion stands there, and no `kind`"],
            cause: "Without a kind the API server cannot tell what it is.")
    }
}
