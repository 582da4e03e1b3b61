import NetValues
import Planning

/// Puts the references of secrets in place of their values, however a peer or a layer of ours has spelled them: as they are,
/// percent-encoded, escaped for JSON, HTML or a terminal, in base64 or hexadecimal.
package struct Redaction: Sendable {
    private let needles: [RedactionNeedle]
    /// For each byte, the needles that may begin with it.
    private let starts: [[Int]]

    package init(secrets: [Secret]) {
        needles = secrets.flatMap(RedactionNeedle.all).sorted { $0.bytes.count > $1.bytes.count }
        var starts = [[Int]](repeating: [], count: 256)
        for (index, needle) in needles.enumerated() {
            guard let first = needle.bytes.first else { continue }
            for byte in Set([first] + Spelling.openers) { starts[Int(byte)].append(index) }
        }
        self.starts = starts
    }

    package func callAsFunction(_ text: String) -> String {
        if needles.isEmpty { return text }
        let bytes = Array(text.utf8)
        let regions = regions(in: bytes)
        if regions.isEmpty { return text }
        var result: [UInt8] = []
        var position = 0
        for region in regions {
            result += bytes[position..<region.range.lowerBound]
            result += needles[region.needle].reference.utf8
            position = region.range.upperBound
        }
        return String(decoding: result + bytes[position...], as: UTF8.self)
    }

    private struct Region {
        var range: Range<Int>
        var needle: Int
    }

    /// What must not be seen, in order; secrets that overlap make one region, under the name of the longest.
    private func regions(in text: [UInt8]) -> [Region] {
        let cuts = TextCuts(text)
        var regions: [Region] = []
        for start in text.indices {
            for index in starts[Int(text[start])] {
                guard let range = needles[index].match(in: text, at: start, cuts: cuts) else { continue }
                Self.add(Region(range: range, needle: index), to: &regions)
                // Needles stand longest first, so a further one here could only lie within.
                break
            }
        }
        return regions
    }

    private static func add(_ region: Region, to regions: inout [Region]) {
        var region = region
        while let last = regions.last, last.range.upperBound > region.range.lowerBound {
            let lower = min(last.range.lowerBound, region.range.lowerBound)
            region.range = lower..<max(last.range.upperBound, region.range.upperBound)
            region.needle = min(last.needle, region.needle)
            regions.removeLast()
        }
        regions.append(region)
    }
}

/// One sequence of bytes to look for.
struct RedactionNeedle: Sendable {
    let bytes: [UInt8]
    let reference: String
    /// Part of a longer run of base64, whose neighbours hold some bits of the secret too.
    let isInsideBase64: Bool
    private let usesUpperAndLowerHex: Bool

    /// A shorter piece of base64 or hexadecimal would be found everywhere.
    private static let shortestCode = 4
    private static let shortestNested = 8
    private static let shortestPassword = 4
    /// As much of a secret as betrays it when a text was cut in its middle.
    private static let shortestRemainder = 4

    static func all(for secret: Secret) -> [RedactionNeedle] {
        let value = Array(secret.value.utf8)
        var parts = [value]
        // `user:password` is sent and echoed in parts as well.
        if let colon = value.firstIndex(of: UInt8(ascii: ":")), value.count - colon - 1 >= shortestPassword {
            parts.append(Array(value[(colon + 1)...]))
        }
        return parts.filter { !$0.isEmpty }.flatMap { spelled($0, secret.reference) }
    }

    private static func spelled(_ value: [UInt8], _ reference: String) -> [RedactionNeedle] {
        let plain = RedactionNeedle(
            bytes: value, reference: reference, isInsideBase64: false, usesUpperAndLowerHex: false)
        let hex = RedactionNeedle(
            bytes: value.flatMap { [hexDigit($0 >> 4), hexDigit($0 & 15)] }, reference: reference,
            isInsideBase64: false,
            usesUpperAndLowerHex: true)
        let once = Base64Alphabet.cores(of: value)
        // `Authorization: Basic …` echoed in base64 is encoded twice.
        let twice = once.flatMap(Base64Alphabet.cores).filter { $0.count >= shortestNested }
        let base64 = Set(once + twice).map {
            RedactionNeedle(bytes: $0, reference: reference, isInsideBase64: true, usesUpperAndLowerHex: false)
        }
        return [plain]
            + ([hex] + base64).filter {
                $0.bytes.count > shortestCode || $0.bytes.count == shortestCode && $0.isInsideBase64
            }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }

    /// The bytes of the text that spell this needle from `start` on, or that spell its beginning up to a cut.
    func match(in text: [UInt8], at start: Int, cuts: TextCuts) -> Range<Int>? {
        let ends = [true, false].compactMap { end(in: text, from: start, cuts: cuts, prefersEscapes: $0) }
        guard let end = ends.max() else { return nil }
        return isInsideBase64 ? Base64Alphabet.widened(start..<end, in: text) : start..<end
    }

    /// A text may hold the character that begins an escape as itself or as an escape; within one text it is always the same.
    private func end(in text: [UInt8], from start: Int, cuts: TextCuts, prefersEscapes: Bool) -> Int? {
        var position = start
        var matched = 0
        while matched < bytes.count {
            if matched >= Self.shortestRemainder, let cut = cuts.cut(at: position) { return cut }
            guard position < text.count else { return nil }
            let isPlain = isSame(text[position], bytes[matched])
            if isPlain, !prefersEscapes {
                position += 1
                matched += 1
            } else if let spelling = Spelling(in: text, at: position), bytes[matched...].starts(with: spelling.bytes) {
                position += spelling.length
                matched += spelling.bytes.count
            } else if prefersEscapes, let runs = backslashes(in: text, at: position, after: matched) {
                position += runs.inText
                matched += runs.inNeedle
            } else if isPlain {
                position += 1
                matched += 1
            } else {
                return nil
            }
        }
        return position
    }

    /// Backslashes of the secret, and as many or more in the text: each layer of quoting doubles them.
    private func backslashes(in text: [UInt8], at position: Int, after matched: Int) -> (inText: Int, inNeedle: Int)? {
        let wanted = bytes[matched...].prefix { $0 == UInt8(ascii: "\\") }.count
        let found = text[position...].prefix { $0 == UInt8(ascii: "\\") }.count
        return wanted > 0 && found >= wanted ? (found, wanted) : nil
    }

    private func isSame(_ byte: UInt8, _ wanted: UInt8) -> Bool {
        byte == wanted || usesUpperAndLowerHex && (0x41...0x46).contains(byte) && byte | 0x20 == wanted
    }
}
