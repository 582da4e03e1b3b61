import ArgumentParser
import NetValues
import Observations
import Planning
import ProbeKit
import VantageState

/// `leadsman check TARGET...`
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check targets layer by layer: names, addresses, ICMP, TCP, TLS, HTTP.",
        discussion: """
            A target is a URL (https://, http://), tcp://host:port, tls://host:port, dns://server/name?type=A, \
            udp://host:port, icmp://host, host:port, a host or an address; or a range of them, as 198.18.0.0/28:22,80,443, \
            host:8000-8010, [fd00:18::/124]:443 or 198.18.0.1-198.18.0.9:80. The verdict comes first, then causes with their evidence.
            """)

    @Argument(help: ArgumentHelp("What to check.", valueName: "target"))
    var targets: [String]

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var ranges: RangeOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var evidence: EvidenceOptions
    @OptionGroup var declared: ManifestOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let parsed = try parse()
        let layers = LayeredPlan(
            hosts: try hosts(), expectation: try ranges.expectation(expect, with: [:]), apply: probing.apply(to:),
            mostTargets: ranges.mostTargets)
        let checks = layers.checks(for: parsed)
        for check in checks {
            do throws(PlanProblem) {
                try ensureFeasible(check)
            } catch {
                throw ValidationError(error.message)
            }
        }
        let session = Session(
            plan: Plan(checks: checks), output: output.session(), evidence: evidence.request,
            declared: try await declared.request())
        throw ExitCode(await session.run())
    }

    private func hosts() throws -> HostsTable {
        do throws(Inability) {
            return try VantageFiles.readHosts()
        } catch {
            complain("\(error)\n  to mend it: \(error.fix)")
            throw ExitCode(ExitStatus.unmeasured)
        }
    }

    /// All wrong targets are told at once.
    private func parse() throws -> [CheckTarget] {
        var parsed: [CheckTarget] = []
        var problems: [String] = []
        var counter = ranges.counter
        for text in targets.unique() {
            do throws(PlanProblem) {
                let target = try CheckTarget(text)
                if case .range(_, let range) = target { try counter.add(range) }
                try ranges.ensureOpen(of: target)
                parsed.append(target)
            } catch {
                problems.append(error.message)
            }
        }
        guard problems.isEmpty else { throw ValidationError(problems.joined(separator: "\n")) }
        return parsed
    }
}
