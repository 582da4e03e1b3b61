import ArgumentParser
import Reporting

/// How the result of a run is told, and what makes it a failure.
struct OutputOptions: ParsableArguments {
    @OptionGroup var rendering: RenderingOptions

    @Option(help: "The least severity that makes the exit status 1: critical, error, warning or never.")
    var failOn: FailOn = .error

    /// - Parameter isVerbose: what holds when neither `--quiet` nor `--verbose` is given.
    func session(isVerbose: Bool = false) -> Session.Output {
        rendering.session(failOn: failOn, isVerbose: isVerbose)
    }
}

/// Form and place of a report.
struct RenderingOptions: ParsableArguments {
    @Option(name: [.long, .customShort("o")], help: "How the report is written: text, json or jsonl.")
    var format: OutputFormat = .text

    @Option(help: ArgumentHelp("Write the report to FILE, whole or not at all.", valueName: "file"))
    var output: String?

    @Flag(help: "No colour, even on a terminal (as NO_COLOR).")
    var noColor = false

    @Flag(name: [.long, .customShort("q")], help: "Only the verdict and the findings, a line each.")
    var quiet = false

    @Flag(name: [.long, .customShort("v")], help: "All checks, with phases and facts.")
    var verbose = false

    func validate() throws {
        if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other") }
    }

    /// - Parameter isVerbose: what holds when neither `--quiet` nor `--verbose` is given.
    func session(failOn: FailOn, isVerbose: Bool = false) -> Session.Output {
        let verbosity: TextStyle.Verbosity = quiet ? .quiet : verbose || isVerbose ? .verbose : .normal
        return Session.Output(
            format: format, path: output, failOn: failOn,
            style: TextStyle(width: width, color: usesColor, verbosity: verbosity),
            showsProgress: !quiet && Terminal.isTerminal(StandardStream.error))
    }

    private var goesToTerminal: Bool { output == nil && Terminal.isTerminal(StandardStream.output) }

    private var width: Int { goesToTerminal ? min(Terminal.width(of: StandardStream.output) ?? 80, 120) : 80 }

    /// On a terminal that can, unless told not to (https://no-color.org).
    private var usesColor: Bool {
        guard goesToTerminal, !noColor else { return false }
        if let value = Terminal.environment("NO_COLOR"), !value.isEmpty { return false }
        return Terminal.environment("TERM") != "dumb"
    }
}
