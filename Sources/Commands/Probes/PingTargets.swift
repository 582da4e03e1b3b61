import ArgumentParser
import NetValues

/// Targets that a file or standard input lists, one a line.
enum PingTargets {
    /// Addresses that ranges may have together; a list has as many as it names.
    static let usualLimit = 65_536
    private static let mostBytes = 64 << 20
    static let mostListed = 1_000_000

    static func read(_ path: String) throws -> [String] {
        let bytes: [UInt8]
        do throws(InputFailure) {
            bytes = try InputFile.read(path, limit: mostBytes)
        } catch {
            throw ValidationError("--targets: \(error.path.escaped(limit: 200)): \(error.reason)")
        }
        let targets = parse(bytes)
        guard !targets.isEmpty else { throw ValidationError("--targets: \(path.escaped(limit: 200)) names no target") }
        guard targets.count <= mostListed else {
            throw ValidationError("--targets: \(path.escaped(limit: 200)) names more than \(mostListed) targets")
        }
        return targets
    }

    /// Without comments, blanks around the words, and empty lines. What is no text stays: it is then no target.
    static func parse(_ bytes: [UInt8]) -> [String] {
        bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.compactMap { line in
            let words = line.prefix { $0 != UInt8(ascii: "#") }
                .split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            return words.isEmpty ? nil : words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        }
    }
}
