import ArgumentParser
import NetValues
import Planning
import Reporting

/// A measurement that goes on and is looked at meanwhile.
struct LiveOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Go on until stopped, shown on the whole screen (q quits, ? helps).",
            discussion: "Where standard output is no terminal, what was seen so far is written every --every."))
    var live = false

    @Option(
        help: ArgumentHelp(
            "With --live: no full screen, but a page of what was seen so far this often.", valueName: "span"))
    var every: Span?

    func validate() throws {
        if !live, every != nil { throw ValidationError("--every goes with --live") }
        if let every, every.duration < .milliseconds(100) { throw ValidationError("--every takes 100ms or more") }
    }

    /// Nil where it was not asked for.
    /// - Parameter span: until it ends by itself; nil for never.
    func request(_ subject: LivePicture.Subject, span: Duration?, showsNames: Bool = false) -> LiveRequest? {
        guard live else { return nil }
        return LiveRequest(subject: subject, span: span, every: every?.duration, showsNames: showsNames)
    }
}

/// What `--live` asks of a run.
struct LiveRequest: Sendable {
    let subject: LivePicture.Subject
    /// Nil until somebody stops it.
    let span: Duration?
    /// Nil for the screen, where there is one.
    let every: Duration?
    /// By reverse DNS, from the beginning.
    let showsNames: Bool

    /// A series without end has as many samples as a plan may ask for: at one a second that is eleven days.
    static let samples = 1_000_000
    /// As mtr and ping.
    static let interval = Duration.seconds(1)
    static let usualEvery = Duration.seconds(10)

    enum Form: Sendable {
        case screen
        case pages(every: Duration)
        /// The report at the end says it all: a document, or a line for each finding.
        case nothing
    }

    func form(_ output: Session.Output) -> Form {
        guard output.format == .text, output.style.verbosity != .quiet else { return .nothing }
        if every == nil, Screen.isPossible { return .screen }
        return .pages(every: every ?? Self.usualEvery)
    }
}
