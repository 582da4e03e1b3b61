import LinuxIO

/// Reads a whole file, or standard input for `-`, up to a limit.
enum InputFile {
    static func read(_ path: String, limit: Int) throws(InputFailure) -> [UInt8] {
        let result = path == "-" ? FileBytes.standardInput(limit: limit) : FileBytes.read(path, limit: limit)
        switch result {
        case .success(let bytes): return bytes
        case .failure(let failure): throw InputFailure(path, failure.reason)
        }
    }
}

/// An input that could not be read: bad input, exit status 2.
struct InputFailure: Error {
    let path: String
    let reason: String

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }
}
