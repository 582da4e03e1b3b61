import ArgumentParser
import NetValues
import Planning

/// `leadsman run PLAN.yaml...`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the checks of plan files.",
        discussion:
            "Every mistake in the plans is told as FILE:LINE:COLUMN on standard error, and then nothing is probed.")

    @Argument(help: ArgumentHelp("Plan files; - is standard input.", valueName: "plan"))
    var plans: [String]

    @Option(help: ArgumentHelp("Go on for this long: each check takes a sample every interval.", valueName: "span"))
    var duration: Span?

    @Option(
        help: ArgumentHelp("How many endpoints ranges may have together, over what plans say.", valueName: "count"))
    var mostTargets: Int?

    @OptionGroup var probing: ProbeOptions
    @OptionGroup var evidence: EvidenceOptions
    @OptionGroup var declared: ManifestOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let mostTargets, !(1...TargetRange.largestLimit).contains(mostTargets) {
            throw ValidationError("--most-targets takes 1 to \(TargetRange.largestLimit)")
        }
    }

    func run() async throws {
        var plan = try PlanInput.read(plans, mostTargets: mostTargets)
        for index in plan.checks.indices {
            probing.apply(to: &plan.checks[index])
            do throws(PlanProblem) {
                try ensureFeasible(plan.checks[index])
            } catch {
                throw ValidationError("the check “\(plan.checks[index].name)”: \(error.message)")
            }
            if let duration {
                plan.checks[index].samples = samples(in: duration.duration, of: plan.checks[index])
                plan.checks[index].duration = duration.duration
            }
        }
        let session = Session(
            plan: plan, output: output.session(), evidence: evidence.request, declared: try await declared.request())
        throw ExitCode(await session.run())
    }

    private func samples(in duration: Duration, of check: Check) -> Int {
        let count = duration.nanoseconds / max(1, check.interval.nanoseconds)
        return Int(min(1_000_000, max(1, count + 1)))
    }
}
