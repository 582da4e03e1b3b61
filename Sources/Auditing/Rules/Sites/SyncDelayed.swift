import Diagnosis
import Manifests
import NetValues
import Planning
import YAML

/// A synchronisation that is late by its design, or a check of it that tells late where nothing is (catalogue section 11).
enum SyncDelayed: AuditRule {
    static let explanation = FindingExplanation(
        id: "sync-delayed", severity: .warning, title: "Data are synchronised too late, or nobody can tell",
        signals: [
            "the check looks at files of a folder that the job which sends them does not mount",
            "the job runs less often than the check allows files to grow old",
            "the check calls every old file late, also one that was sent and is kept",
        ],
        lookalikes: ["sync-endpoint-unreachable: then that is the root", "offline operation that was declared"],
        traps: ["an empty folder may mean that nothing is late, or that nothing is written", "clocks that differ"],
        remedy: [
            "mount the folder in the job that sends its files",
            "let the job write the time of its last success, and check that: a file's age says nothing of what was sent",
        ])

    /// `find FOLDER … -mmin +N` of a script.
    private struct AgeCheck {
        let text: EmbeddedText
        let line: Int
        let folder: String
        let minutes: Int
        let isMarked: Bool
    }

    static func findings(in state: DeclaredState) -> [Finding] {
        let checks = EmbeddedText.all(state).flatMap(ageChecks)
        guard !checks.isEmpty else { return [] }
        let jobs = state.workloads.filter { $0.kind == "CronJob" && $0.name.lowercased().contains("sync") }
        return checks.filter { !$0.isMarked }.map(tell)
            + jobs.compactMap { job in unmounted(job, checks) ?? seldom(job, checks) }
    }

    private static func ageChecks(_ text: EmbeddedText) -> [AgeCheck] {
        let all = text.lines.joined(separator: "\n").lowercased()
        guard all.contains("sync") || text.object.name.contains("sync") else { return [] }
        return text.lines.enumerated().compactMap { index, line in
            let words = line.split { " \t()[];$\"'`".contains($0) }
            guard let find = words.firstIndex(of: "find"), find + 1 < words.count,
                let age = words.firstIndex(of: "-mmin"), age > find, age + 1 < words.count,
                words[age + 1].hasPrefix("+"), let minutes = Int(words[age + 1].dropFirst())
            else { return nil }
            let marks = ["-newer", "unsent", "pending", "queue", "last-success", "last_success", "spool"]
            return AgeCheck(
                text: text, line: index, folder: String(words[find + 1]), minutes: minutes,
                isMarked: marks.contains { all.contains($0) })
        }
    }

    private static func tell(_ check: AgeCheck) -> Finding {
        finding(
            check.text.object, at: check.text.place(check.line), confidence: .likely,
            summary:
                "\(check.text.object.title) calls the synchronisation late when any file in \(check.folder) is older than \(check.minutes) minutes, sent or not.",
            evidence: ["\(check.text.name) looks at the age of files, and at no mark of what was sent"],
            cause:
                "A file that is kept after it was sent is old too, so that the check never ends; and an empty folder passes, also when nothing is written any more.",
            remedy: [
                "compare with the time of the last success (find -newer MARKER), or look at the files that wait to be sent only",
                "take an empty folder and a missing marker for unknown, not for good",
            ])
    }

    private static func unmounted(_ job: Workload, _ checks: [AgeCheck]) -> Finding? {
        let mounts = job.template.containers.flatMap { $0["volumeMounts"]?.items ?? [] }.compactMap {
            $0["mountPath"]?.text
        }
        guard let check = checks.first(where: { check in !mounts.contains { check.folder.hasPrefix($0) } }) else {
            return nil
        }
        let container = job.template.containers.first
        return finding(
            job.object, at: job.object.place(container), confidence: .possible,
            summary:
                "\(job.object.title) is to send the files in \(check.folder), and its container mounts nothing there.",
            evidence: [
                mounts.isEmpty ? "no container of the job has volumeMounts" : "mounted: \(listed(mounts.unique()))",
                "\(check.text.object.title) looks at \(check.folder)\(check.text.place(check.line).words.map { " (\($0))" } ?? "")",
            ],
            cause:
                "A container sees only its own files: whatever grows old in \(check.folder) is not there for the job to send.",
            remedy: ["mount the volume with \(check.folder) in the job's container"])
    }

    /// Two runs must fit into the age that is allowed, or one that was missed is told as late.
    private static func seldom(_ job: Workload, _ checks: [AgeCheck]) -> Finding? {
        guard let node = job.object["spec", "schedule"], let period = node.text.flatMap(minutes),
            let check = checks.first(where: { $0.minutes < period })
        else { return nil }
        return finding(
            job.object, at: job.object.place(node), confidence: .likely,
            summary:
                "\(job.object.title) runs every \(period) minutes, and files are called late after \(check.minutes).",
            evidence: [
                "\(check.text.object.title) allows \(check.minutes) minutes\(check.text.place(check.line).words.map { " (\($0))" } ?? "")"
            ],
            cause: "Between two runs every file becomes older than that.",
            remedy: ["run the job at least twice within the time that is allowed, or allow more"])
    }

    /// Of "*/15 * * * *", "0 * * * *", "@hourly"; nil for anything less regular.
    private static func minutes(_ schedule: String) -> Int? {
        if schedule == "@hourly" { return 60 }
        if schedule == "@daily" || schedule == "@midnight" { return 1440 }
        let fields = schedule.split(separator: " ")
        guard fields.count == 5, fields[2] == "*", fields[3] == "*", fields[4] == "*" else { return nil }
        if fields[1] == "*" {
            if fields[0].hasPrefix("*/") { return Int(fields[0].dropFirst(2)) }
            return fields[0] == "*" ? 1 : Int(fields[0]) == nil ? nil : 60
        }
        guard Int(fields[0]) != nil else { return nil }
        if fields[1].hasPrefix("*/") { return Int(fields[1].dropFirst(2)).map { $0 * 60 } }
        return Int(fields[1]) == nil ? nil : 1440
    }
}
