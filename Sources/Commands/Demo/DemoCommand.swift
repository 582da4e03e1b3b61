import ArgumentParser
import Diagnosis
import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import Reporting

/// `leadsman demo`
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Diagnose a built-in faulty network on loopback.",
        discussion: """
            Starts a small network with planted faults inside this process, on 127.0.0.1, and turns the real probes and rules \
            on it. Needs no internet and no rights. Exits 1, as every run that finds errors does.
            """)

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let network: DemoNetwork
        do {
            network = try await DemoNetwork.start()
        } catch {
            complain("cannot start the demo's own servers: \(error)")
            throw ExitCode(ExitStatus.unmeasured)
        }
        if output.rendering.format == .text, !output.rendering.page.quiet { announce(network) }
        let status = await Session(plan: network.plan, output: output.session(), adjust: network.adjust).run()
        await network.stop()
        throw ExitCode(status)
    }

    /// On standard error, since standard output is the report's alone.
    private func announce(_ network: DemoNetwork) {
        var lines = ["Planted on loopback, among healthy services:"]
        lines += network.faults.map { "  - \($0)" }
        lines += ["What the probes and rules make of it:", "", ""]
        try? writeAll(lines.joined(separator: "\n"), to: StandardStream.error)
    }
}
