import ArgumentParser
import NetValues
import Observations
import Planning
import VantageState

/// `leadsman doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what this vantage is like, and what is wrong with it.",
        discussion: """
            Looks at this host or pod itself: interfaces and routes, name servers, rights and limits, the cluster and the cloud \
            it is in, proxy variables, and what gets out to the internet. Needs no plan and no rights, and takes about ten seconds \
            at most.

            Unless --internet names others or --no-internet leaves them out, one connection or request each goes to: \
            \(InternetTargets.words).
            The cloud's metadata service is asked for one page without a token (HEAD /), and nothing of what it says is shown. \
            With --egress-ports: \(InternetTargets.undeclared.map(\.description).joined(separator: ", ")).
            """)

    @OptionGroup var asking: DoctorOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var evidence: EvidenceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let resolver: ResolverConfiguration
        do throws(Inability) {
            resolver = try VantageFiles.readResolverConfiguration(environment: Instruments.resolverEnvironment())
        } catch {
            complain("\(error)\n  to mend it: \(error.fix)")
            throw ExitCode(ExitStatus.unmeasured)
        }
        let surroundings = Surroundings.read(resolver: resolver)
        let layers = DoctorPlan(
            state: VantageReader().read(), surroundings: surroundings, resolver: resolver,
            token: surroundings.cluster.tokenPath.flatMap { SurroundingsFiles().token(at: $0) }, options: asking,
            apply: probing.apply(to:))
        let plan = layers.plan
        for check in plan.checks {
            do throws(PlanProblem) {
                try ensureFeasible(check)
            } catch {
                throw ValidationError("“\(check.name)”: \(error.message)")
            }
        }
        let session = Session(
            plan: plan, output: output.session(), evidence: evidence.request, describesVantage: true)
        throw ExitCode(await session.run())
    }
}
