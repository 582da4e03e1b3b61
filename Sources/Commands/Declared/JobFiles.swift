import ArgumentParser
import Manifests
import NetValues
import PlanDerivation

/// `leadsman plan PATH... --jobs FOLDER`: a file for each Job, and its plan beside it.
struct JobFiles {
    /// Within the folder of the Jobs: `kubectl apply -f FOLDER` does not look into it, since a plan is no object.
    private static let plans = "plans"

    let folder: String
    let state: DeclaredState
    /// An index into the workloads; nil for every label set.
    let vantage: Int?
    let settings: PlanJobs.Settings

    /// - Returns: the status to exit with.
    func write() throws -> ExitCode {
        guard !state.workloads.isEmpty else {
            throw ValidationError("no pod and no workload is in the manifests, so there is nothing to run a plan as")
        }
        let jobs = try derived()
        var written: [(line: String, namespace: String)] = []
        do {
            try Folder.make(folder)
            try Folder.make("\(folder)/\(Self.plans)")
            try jobs.forEach { outcome in
                switch outcome {
                case .leftOut(let reason): complain("left out: \(reason)")
                case .job(let job):
                    tell(job)
                    try save(job.manifest, "\(folder)/\(Self.fileName(job))")
                    try save(job.planText, "\(folder)/\(Self.plans)/\(Self.fileName(job))")
                    let place = "\(folder)/\(Self.fileName(job))"
                    written.append(
                        ("\(place)  as \(job.plan.vantageName), \(job.plan.checks.count) checks", job.namespace))
                }
            }
        } catch {
            complain("cannot write Jobs to \(folder.escaped(limit: 200)): \(error)")
            return ExitCode(ExitStatus.unmeasured)
        }
        guard !written.isEmpty else {
            complain("no Job is written: from none of the pods anything can be checked")
            return ExitCode(ExitStatus.badUsage)
        }
        let summary = Self.summary(written.map(\.line), namespaces: written.map(\.namespace).unique(), folder)
        return conclude(summary, at: nil, status: ExitStatus.healthy)
    }

    private func tell(_ job: PlanJob) {
        for warning in job.warnings { complain("\(Self.fileName(job)): \(warning)") }
        if job.plan.droppedChecks > 0 {
            complain(
                "\(Self.fileName(job)): the plan holds \(job.plan.checks.count) checks; \(job.plan.droppedChecks) further ones are left out"
            )
        }
    }

    private func derived() throws -> PlanJobs {
        do {
            return try PlanJobs(state, as: vantage, settings)
        } catch {
            throw ValidationError(
                "the manifests have \(error.count) label sets, and --jobs writes \(PlanJobs.most) at most: name fewer manifests, or one workload with --as"
            )
        }
    }

    private func save(_ text: String, _ path: String) throws {
        let file = try ResultFile(path: path)
        try file.write(text)
        try file.commit()
    }

    /// "shop.leadsman-web.yaml": neither part has a slash.
    private static func fileName(_ job: PlanJob) -> String {
        let namespace = job.namespace.unicodeScalars.map {
            $0.isASCII && $0 != "/" && $0.value > 0x20 ? String($0) : "-"
        }
        return "\(namespace.joined().prefix(100)).\(job.name).yaml"
    }

    private static func summary(_ jobs: [String], namespaces: [String], _ folder: String) -> String {
        var lines = jobs + ["", "Run them: kubectl apply -f \(folder)"]
        lines += namespaces.prefix(20).map { namespace in
            "Wait for: kubectl -n \(namespace) wait --for=condition=complete --timeout=30m job -l app.kubernetes.io/managed-by=leadsman"
        }
        return lines.map { $0.escaped(limit: 8192) }.joined(separator: "\n") + "\n"
    }
}
