import ArgumentParser
import Reporting

/// How the result of a run is told, and what makes it a failure.
struct OutputOptions: ParsableArguments {
    @OptionGroup var rendering: RenderingOptions

    @Option(help: ArgumentHelp("The least severity that makes the exit status 1.", valueName: "severity"))
    var failOn: FailOn = .error

    /// - Parameter isVerbose: what holds when neither `--quiet` nor `--verbose` is given.
    func session(isVerbose: Bool = false) -> Session.Output {
        rendering.session(failOn: failOn, isVerbose: isVerbose)
    }
}

/// Form and place of a report.
struct RenderingOptions: ParsableArguments {
    @Option(name: [.long, .customShort("o")], help: "How the report is written.")
    var format: OutputFormat = .text

    @OptionGroup var page: PageOptions

    /// - Parameter isVerbose: what holds when neither `--quiet` nor `--verbose` is given.
    func session(failOn: FailOn, isVerbose: Bool = false) -> Session.Output {
        Session.Output(
            format: format, path: page.output, failOn: failOn, style: page.style(isVerbose: isVerbose),
            showsProgress: page.showsProgress)
    }
}

/// Where a result goes, and how it looks as text.
struct PageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Write the report to this file, whole or not at all; - is standard output.", valueName: "file"))
    var output: String?

    @Flag(help: "No colour, even on a terminal (as NO_COLOR).")
    var noColor = false

    @Flag(name: [.long, .customShort("q")], help: "Only the verdict and the findings, a line each.")
    var quiet = false

    @Flag(name: [.long, .customShort("v")], help: "All of it, in every detail.")
    var verbose = false

    func validate() throws {
        if output?.isEmpty == true { throw ValidationError("--output takes the name of a file") }
        if quiet, verbose { throw ValidationError("--quiet and --verbose exclude each other") }
    }

    /// - Parameter isVerbose: what holds when neither `--quiet` nor `--verbose` is given.
    func style(isVerbose: Bool = false) -> TextStyle {
        TextStyle(
            width: width, color: usesColor, verbosity: quiet ? .quiet : verbose || isVerbose ? .verbose : .normal)
    }

    var showsProgress: Bool { !quiet && Terminal.isTerminal(StandardStream.error) }

    private var goesToTerminal: Bool { [nil, "-"].contains(output) && Terminal.isTerminal(StandardStream.output) }

    private var width: Int { goesToTerminal ? min(Terminal.width(of: StandardStream.output) ?? 80, 120) : 80 }

    /// On a terminal that can, unless told not to (https://no-color.org).
    private var usesColor: Bool {
        guard goesToTerminal, !noColor else { return false }
        if let value = Terminal.environment("NO_COLOR"), !value.isEmpty { return false }
        return Terminal.environment("TERM") != "dumb"
    }
}
