import LinuxIO
import NetValues
import Planning

/// A value of the plan in its two forms.
struct PlanText {
    /// With references in place of secrets: what mistakes echo.
    let shown: String
    /// What the probe gets.
    let value: String

    var holdsSecret: Bool { shown != value }
}

/// A reference that could not be replaced; the message never shows a secret.
struct ReferenceMistake: Error {
    let message: String
}

/// Replaces `${env:NAME}` and `${file:PATH}` by what they stand for; `$${` stands for `${`.
struct SecretReferences {
    static let longestSecret = 64 << 10
    /// All the secrets of a file, counted each time they are used.
    static let mostSecretBytes = 64 << 20

    private let environment: @Sendable (String) -> String?
    private let readFile: @Sendable (String) -> Result<[UInt8], UnreadableFile>
    private var known: [String: Result<String, ReferenceMistake>] = [:]
    private var secretBytes = 0
    private(set) var secrets: [Secret] = []

    init(
        environment: @escaping @Sendable (String) -> String?,
        readFile: @escaping @Sendable (String) -> Result<[UInt8], UnreadableFile>
    ) {
        self.environment = environment
        self.readFile = readFile
    }

    static func areIn(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "$")) && text.range(ofASCII: "${") != nil
    }

    mutating func resolve(_ text: String) throws(ReferenceMistake) -> PlanText {
        guard Self.areIn(text) else { return PlanText(shown: text, value: text) }
        var shown = ""
        var value = ""
        var rest = text[...]
        while let opening = rest.range(ofASCII: "${") {
            let before = rest[..<opening.lowerBound]
            if before.utf8.last == UInt8(ascii: "$") {
                shown += before.dropLast() + "${"
                value += before.dropLast() + "${"
                rest = rest[opening.upperBound...]
                continue
            }
            let reference = try Self.reference(at: rest[opening.lowerBound...])
            shown += before + reference
            value += before + (try self.value(of: String(reference)))
            rest = rest[reference.endIndex...]
        }
        return PlanText(shown: shown + rest, value: value + rest)
    }

    private static func reference(at text: Substring) throws(ReferenceMistake) -> Substring {
        guard let end = text.utf8.firstIndex(of: UInt8(ascii: "}")) else {
            throw ReferenceMistake(
                message:
                    "`\(text.escaped(limit: 60))` is never closed: expected `}` (write `$${` for the two characters `${`)"
            )
        }
        return text[...end]
    }

    private mutating func value(of reference: String) throws(ReferenceMistake) -> String {
        let result = known[reference] ?? fetched(reference)
        known[reference] = result
        let value = try result.get()
        secretBytes += value.utf8.count
        guard secretBytes <= Self.mostSecretBytes else {
            throw ReferenceMistake(
                message:
                    "`\(reference.escaped(limit: 120))`: all secrets together take more than \(Self.mostSecretBytes >> 20) MiB"
            )
        }
        return value
    }

    private mutating func fetched(_ reference: String) -> Result<String, ReferenceMistake> {
        let result = Result { () throws(ReferenceMistake) in try fetch(reference) }
        if case .success(let value) = result { secrets.append(Secret(reference: reference, value: value)) }
        return result
    }

    private func fetch(_ reference: String) throws(ReferenceMistake) -> String {
        let body = reference.dropFirst(2).dropLast()
        let parts = body.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, ["env", "file"].contains(parts[0]) else {
            throw ReferenceMistake(message: Self.malformed(reference, source: parts.first ?? ""))
        }
        let text = parts[0] == "env" ? try variable(parts[1], reference) : try file(parts[1], reference)
        return try Self.fit(text, reference)
    }

    private static func malformed(_ reference: String, source: Substring) -> String {
        let shown = reference.escaped(limit: 60)
        let sources = ["env", "file"]
        let meant = sources.contains(String(source)) ? nil : nearestWord(to: String(source), among: sources)
        let hint = meant.map { "did you mean `\($0)`? " } ?? ""
        return
            "`\(shown)` is no reference: \(hint)expected `${env:NAME}` or `${file:PATH}` (write `$${` for the two characters `${`)"
    }

    private func variable(_ name: Substring, _ reference: String) throws(ReferenceMistake) -> String {
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "$") })
        else {
            throw ReferenceMistake(
                message: "`\(reference.escaped(limit: 60))`: expected the name of an environment variable")
        }
        guard let value = environment(String(name)) else {
            throw ReferenceMistake(
                message: "`\(reference)`: the environment variable \(name) is not set, or is not UTF-8 text")
        }
        return value
    }

    private func file(_ path: Substring, _ reference: String) throws(ReferenceMistake) -> String {
        let shown = reference.escaped(limit: 120)
        switch readFile(String(path)) {
        case .failure(let failure):
            throw ReferenceMistake(message: "`\(shown)`: the file cannot be read: \(failure.reason)")
        case .success(let bytes):
            guard let text = String(validating: Self.withoutFinalNewline(bytes), as: UTF8.self) else {
                throw ReferenceMistake(message: "`\(shown)`: the file is not UTF-8 text")
            }
            return text
        }
    }

    private static func withoutFinalNewline(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard bytes.last == 0x0a else { return bytes[...] }
        let line = bytes.dropLast()
        return line.last == 0x0d ? line.dropLast() : line
    }

    private static func fit(_ value: String, _ reference: String) throws(ReferenceMistake) -> String {
        let shown = reference.escaped(limit: 120)
        let bytes = value.utf8
        guard !bytes.isEmpty else { throw ReferenceMistake(message: "`\(shown)`: the value is empty") }
        guard bytes.count <= longestSecret else {
            throw ReferenceMistake(message: "`\(shown)`: the value is longer than \(longestSecret >> 10) KiB")
        }
        guard !bytes.contains(where: { $0 == 0x0a || $0 == 0x0d }) else {
            throw ReferenceMistake(message: "`\(shown)`: the value holds a line break: a secret is a single line")
        }
        guard !bytes.contains(0) else { throw ReferenceMistake(message: "`\(shown)`: the value holds a zero byte") }
        return value
    }
}
