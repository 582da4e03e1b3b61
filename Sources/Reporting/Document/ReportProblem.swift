/// Why a JSON value is no report: where in the document, and what is wrong there.
package struct ReportProblem: Error, Hashable, Sendable {
    /// `checks[3].status`; empty for the document itself.
    package let path: String
    package let message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}

extension ReportProblem: CustomStringConvertible {
    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
