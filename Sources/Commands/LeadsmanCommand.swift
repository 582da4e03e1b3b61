import ArgumentParser

/// The version that a report and `--version` name.
let leadsmanVersion = "0.1.0"

/// `leadsman`: network diagnosis from this vantage.
struct LeadsmanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leadsman",
        abstract: "Finds out what is wrong with a network connection, how it knows, and what to do.",
        discussion: """
            Exit status: 0 healthy, 1 findings (see --fail-on), 2 bad usage, plan or input, 3 something could not be measured.
            """,
        version: leadsmanVersion,
        subcommands: [
            CheckCommand.self, RunCommand.self, DemoCommand.self, DNSCommand.self, TCPCommand.self, TLSCommand.self,
            HTTPCommand.self, PingCommand.self, ProbesCommand.self, FindingsCommand.self, ReportCommand.self,
        ])
}

/// The whole program, for the executable and nothing else.
package enum Leadsman {
    /// Runs with the arguments after the program's name and ends the process.
    package static func main() async -> Never {
        StopSignals.block()
        do {
            var command = try LeadsmanCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            LeadsmanCommand.exit()
        } catch let status as ExitCode {
            LeadsmanCommand.exit(withError: status)
        } catch {
            end(with: error)
        }
    }

    /// Help and version are a success on standard output; a usage mistake is told on standard error, with status 2.
    private static func end(with error: any Error) -> Never {
        if LeadsmanCommand.exitCode(for: error).isSuccess { LeadsmanCommand.exit(withError: error) }
        try? writeAll(LeadsmanCommand.fullMessage(for: error) + "\n", to: StandardStream.error)
        LeadsmanCommand.exit(withError: ExitCode(ExitStatus.badUsage))
    }
}
