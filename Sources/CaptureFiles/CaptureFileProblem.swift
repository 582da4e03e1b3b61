/// Why a capture file cannot be read or written. An input is at fault, or our own rights, never the network.
package struct CaptureFileProblem: Error, Hashable, Sendable {
    /// As the user gave it; `-` is `standard input`.
    package let file: String
    /// What was found there: `a web page (HTML)`, `open: No such file or directory (ENOENT)`.
    package let found: String
    /// What the user can do about it.
    package let fix: String
    /// The reader of the pipe that was written to has ended, which is no mistake of anybody's.
    package var isReaderGone = false
    /// A file that was to be new is there already.
    package var isTaken = false

    package init(file: String, found: String, fix: String) {
        self.file = file
        self.found = found
        self.fix = fix
    }
}

extension CaptureFileProblem: CustomStringConvertible {
    package var description: String { "\(file): \(found); \(fix)" }
}
