import Foundation

extension Scenario {
    /// How a run ended, and what of it is not as it should be.
    struct Outcome: Sendable {
        let scenario: Scenario
        let builder: LabBuilder
        let run: CommandRun
        /// Nil when there was none to read.
        let report: ScenarioReport?
        /// One line each; none when all is as expected.
        let differences: [String]

        /// Not as expected, and this machine is to blame as far as leadsman sees.
        var isStarved: Bool {
            let wanted = scenario.expected(by: builder)
            return !differences.isEmpty && report?.findings.contains("vantage-throttled") == true
                && !(wanted.must + wanted.may).contains("vantage-throttled")
        }

        /// Nil when all is as expected.
        var complaint: String? {
            guard !differences.isEmpty else { return nil }
            let rest = [
                "command: \(run.line)", "plan:\n\(scenario.command.isEmpty ? scenario.plan : "none")",
                "standard error: \(run.errors)", "standard output: \(run.output)",
            ]
            return ([scenario.name] + differences + rest).joined(separator: "\n")
        }
    }

    /// Runs it in its turn among all scenarios; and again, alone, where leadsman rightly found that this machine could not keep
    /// time: that says something of the machine and nothing of the scenario.
    func runInTurn(_ binary: String, builder: LabBuilder) async throws -> Outcome {
        var outcome = try await LabGate.shared.pass(alone: isTimed) { try await run(binary, builder: builder) }
        for _ in 0..<2 where outcome.isStarved {
            outcome = try await LabGate.shared.pass(alone: true) { try await run(binary, builder: builder) }
        }
        return outcome
    }

    /// Nil when all that it needs is here, otherwise what is missing.
    func obstacle(_ builder: LabBuilder) -> String? {
        changes.lazy.compactMap { change in
            switch change {
            case .daemon(_, let daemon, _): daemon.obstacle(builder)
            default: nil
            }
        }.first
    }

    func expected(by builder: LabBuilder) -> Expected {
        builder == .user ? expectedWithoutRights ?? expected : expected
    }

    /// Builds the network, breaks it, runs leadsman, takes the network down.
    /// - Parameter look: called with the lab while it is still up.
    func run(
        _ binary: String, builder: LabBuilder, look: (Lab, CommandRun) async throws -> Void = { _, _ in }
    ) async throws -> Outcome {
        let leadsman = LabFiles.reachable(binary, for: builder)
        let run = try await Lab.with(network.wired(for: changes), builder: builder, leadsman: leadsman) { lab in
            try await lab.apply((builder == .user && user == .root ? permissions : []) + changes)
            let run = try await lab.run(in: node, words(in: lab, binary), seconds: 60)
            try await look(lab, run)
            return run
        }
        let wanted = expected(by: builder)
        do {
            let report = try ScenarioReport(json: run.output)
            let differences = report.differences(from: wanted, exit: run.status)
            return Outcome(scenario: self, builder: builder, run: run, report: report, differences: differences)
        } catch {
            let differences = ["\(error)", "exit status: \(run.status), expected \(wanted.exit)"]
            return Outcome(scenario: self, builder: builder, run: run, report: nil, differences: differences)
        }
    }

    /// What most distributions let an ordinary user do; a new namespace does not.
    private var permissions: [LabChange] { [.sysctl(node, "net.ipv4.ping_group_range=0 0")] }

    private func words(in lab: Lab, _ binary: String) -> [String] {
        let wanted =
            command.isEmpty ? ["run", lab.world.scratch.write("plan.yaml", lab.filled(plan))] + options : command
        let builder = lab.world.builder
        return limits(builder) + ["env"] + environment.map(lab.filled) + [LabFiles.reachable(binary, for: builder)]
            + wanted.map(lab.filled) + ["--format", "json", "--no-color"]
    }

    private func limits(_ builder: LabBuilder) -> [String] {
        switch (builder, user) {
        case (.root, .root): []
        case (.root, .nobody): ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
        // The only user that there is in the namespace is its root; what makes it one are the capabilities.
        case (.user, _): ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"]
        }
    }
}
