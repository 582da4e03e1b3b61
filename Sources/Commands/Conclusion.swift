import ArgumentParser

/// Writes a finished result to a file, or to standard output where none is named.
/// - Returns: the status to exit with: that which was given, or that of a result which cannot be written.
func conclude(_ text: String, at path: String?, status: Int32) -> ExitCode {
    do {
        let file = try ResultFile(path: path)
        try file.write(text)
        try file.commit()
        return ExitCode(status)
    } catch WriteFailure.readerGone {
        return ExitCode(status)
    } catch {
        complain("cannot write \(path ?? "to standard output"): \(error)")
        return ExitCode(ExitStatus.unmeasured)
    }
}
