import Connectivity
import Manifests

/// A plan for each label set of what was declared, and the Job that runs it with the labels of that set.
package struct PlanJobs {
    /// More than anybody would look through; each is a pod.
    package static let most = 500

    package struct TooMany: Error {
        package let count: Int
    }

    /// What a Job needs beside its plan.
    package struct Settings: Sendable {
        package let image: String
        /// The cluster's domain.
        package let domain: String

        package init(image: String, domain: String) {
            self.image = image
            self.domain = domain
        }
    }

    /// What becomes of one label set.
    package enum Outcome {
        case job(PlanJob)
        /// It gets no Job: the reason.
        case leftOut(String)
    }

    private let evaluation: PolicyEvaluation
    private let sets: [LabelSet]
    private let vantage: Int?
    private let settings: Settings

    /// - Parameter vantage: an index into the workloads, for the one label set that it is of; nil for all.
    package init(_ state: DeclaredState, as vantage: Int?, _ settings: Settings) throws(TooMany) {
        evaluation = PolicyEvaluation(state)
        sets = LabelSet.all(in: evaluation).filter { set in vantage.map { set.members.contains($0) } ?? true }
        self.vantage = vantage
        self.settings = settings
        guard sets.count <= Self.most else { throw TooMany(count: sets.count) }
    }

    /// One after the other, by namespace and name: a plan may be a megabyte.
    package func forEach<Failure: Error>(_ body: (Outcome) throws(Failure) -> Void) throws(Failure) {
        var names = JobNames()
        for set in sets {
            let place = vantage ?? set.members[0]
            let own = evaluation.state.workloads[place]
            if own.isHostNetwork {
                try body(
                    .leftOut(
                        "\(own.title): it uses its node's network, which no label makes a pod use; run leadsman on the node"
                    ))
                continue
            }
            let job = PlanJob(names.name(of: own), set, as: place, evaluation, settings)
            if job.plan.checks.isEmpty {
                let reason = job.plan.notes.first.map { ": \($0)" } ?? ""
                try body(.leftOut("\(own.title): nothing can be checked from there\(reason)"))
            } else {
                try body(.job(job))
            }
        }
    }
}

/// Names of Jobs: of the first workload of each set, within what a name of a Job may be (RFC 1123 label, since it becomes one), each
/// once in its namespace. The same manifests give the same names.
struct JobNames {
    private static let longest = 63
    private static let prefix = "leadsman-"
    private var taken: Set<String> = []

    mutating func name(of workload: Workload) -> String {
        let base = Self.prefix + Self.word(workload.name)
        var name = Self.cut(base, to: Self.longest)
        var number = 2
        while !taken.insert("\(workload.namespace)/\(name)").inserted {
            name = Self.cut(base, to: Self.longest - 5) + "-\(number)"
            number += 1
        }
        return name
    }

    private static func cut(_ text: String, to length: Int) -> String {
        var text = String(text.prefix(length))
        while text.hasSuffix("-") { text.removeLast() }
        return text
    }

    /// Objects of a cluster have names that fit but for dots; a document may hold anything.
    private static func word(_ name: String) -> String {
        var word = ""
        for scalar in name.lowercased().unicodeScalars {
            let fits = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if fits { word.unicodeScalars.append(scalar) } else if !word.hasSuffix("-") { word += "-" }
        }
        while word.hasPrefix("-") { word.removeFirst() }
        return word.isEmpty ? "pods" : word
    }
}
