import ArgumentParser
import NetValues

/// A mistake in what was typed, in the form in which ArgumentParser tells its own: what is wrong, and where the help is.
struct UsageMistake: Error {
    let text: String

    /// - Parameter message: one mistake a line.
    init(_ message: String, command: String? = nil) {
        let mistakes = message.split(separator: "\n").map { "Error: \($0)" }
        let help = (["leadsman"] + [command].compactMap { $0 } + ["--help"]).joined(separator: " ")
        text = (mistakes + ["  See '\(help)' for more information."]).joined(separator: "\n")
    }
}

/// The words that can follow `leadsman`.
enum CommandNames {
    private static let all =
        LeadsmanCommand.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]

    /// - Throws: a `UsageMistake` for a word that stands where a command must and is none, with the likeliest wish.
    static func check(_ arguments: [String]) throws {
        guard let first = arguments.first else { return }
        let word = first == "help" ? arguments.dropFirst().first ?? first : first
        if word.hasPrefix("-") || all.contains(word) { return }
        let shown = word.escaped(limit: 60)
        if let near = nearestWord(to: word, among: all) {
            throw UsageMistake("no command '\(shown)', did you mean '\(near)'?")
        }
        if word.contains(where: { ".:/".contains($0) }) {
            throw UsageMistake("no command '\(shown)', did you mean 'leadsman check \(shown)'?")
        }
        throw UsageMistake("no command '\(shown)'; known are \(all.joined(separator: ", "))")
    }
}
