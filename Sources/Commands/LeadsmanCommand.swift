import ArgumentParser
import LinuxIO

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
            CheckCommand.self, RunCommand.self, DemoCommand.self, DoctorCommand.self, DNSCommand.self, TCPCommand.self,
            UDPCommand.self, TLSCommand.self, HTTPCommand.self, PingCommand.self, TraceCommand.self, MTUCommand.self,
            ThroughputCommand.self, FlowsCommand.self, IdleCommand.self,
            CaptureCommand.self, PcapCommand.self, AuditCommand.self, PlanCommand.self, ScenariosCommand.self,
            ProbesCommand.self, FindingsCommand.self, ReportCommand.self,
        ])

    /// Without a command: the help, as a mistake, since a script whose variable is empty must not pass for healthy.
    func run() async throws {
        try? writeAll(Self.helpMessage() + "\n", to: StandardStream.error)
        throw ExitCode(ExitStatus.badUsage)
    }
}

/// The whole program, for the executable and nothing else.
package enum Leadsman {
    /// Runs with the arguments after the program's name and ends the process.
    package static func main() -> Never {
        StandardStream.occupyAll()
        StopSignals.block()
        if let shortage = Essentials.shortage() {
            complain(shortage)
            endProcess(with: ExitStatus.unmeasured)
        }
        Allocation.prepare()
        Task.detached { endProcess(with: await status(of: Array(CommandLine.arguments.dropFirst()))) }
        StopSignals.shared.serve()
    }

    private static func status(of arguments: [String]) async -> Int32 {
        do {
            try CommandNames.check(arguments)
            var command = try LeadsmanCommand.parseAsRoot(arguments)
            do {
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            } catch let error as ValidationError {
                throw UsageMistake(error.message, command: type(of: command).configuration.commandName)
            }
            return ExitStatus.healthy
        } catch let status as ExitCode {
            return status.rawValue
        } catch {
            return tell(error)
        }
    }

    /// Help and version are a success on standard output; a usage mistake is told on standard error, with status 2.
    private static func tell(_ error: any Error) -> Int32 {
        let text = (error as? UsageMistake)?.text ?? LeadsmanCommand.fullMessage(for: error)
        guard error is UsageMistake || !LeadsmanCommand.exitCode(for: error).isSuccess else {
            do {
                try printResult(text + "\n")
                return ExitStatus.healthy
            } catch {
                return LeadsmanCommand.exitCode(for: error).rawValue
            }
        }
        try? writeAll(text + "\n", to: StandardStream.error)
        return ExitStatus.badUsage
    }
}
