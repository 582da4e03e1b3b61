/// How a text report looks.
package struct TextStyle: Hashable, Sendable {
    package enum Verbosity: Hashable, Sendable { case quiet, normal, verbose }

    package static let minimumWidth = 40

    /// Columns of the terminal.
    package let width: Int
    package let color: Bool
    package let verbosity: Verbosity

    package init(width: Int = 80, color: Bool = false, verbosity: Verbosity = .normal) {
        self.width = max(Self.minimumWidth, width)
        self.color = color
        self.verbosity = verbosity
    }
}

/// Colours by meaning (ECMA-48 SGR).
enum Paint: String {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case bad = "1;31"
    case doubtful = "1;33"
    case good = "1;32"
    case notice = "1;36"

    func applied(to text: String, color: Bool) -> String {
        color && self != .plain && !text.isEmpty ? "\u{1b}[\(rawValue)m\(text)\u{1b}[0m" : text
    }
}
