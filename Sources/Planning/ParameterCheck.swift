import NetValues

extension ParameterDescription {
    /// What is wrong with a value of this key, nil when it is right. Whether it has the right type is the reader's matter.
    package func problem(with value: ParameterValue) -> String? {
        switch (type, value) {
        case (.number(let range), .number(let number)) where !range.contains(number):
            return "\(number) is not from \(range.lowerBound) to \(range.upperBound)"
        case (.words(let words), .text(let text)) where !words.contains(text):
            return Self.unknown(text, among: words)
        case (.listOfWords(let words), .list(let list)):
            if let odd = list.first(where: { !words.contains($0) }) { return Self.unknown(odd, among: words) }
        case (.pattern, .text(let text)):
            if let fault = patternFault(text) { return "not a regular expression: \(fault)" }
        case (.mapOfPatterns, .map(let map)):
            if let fault = map.values.lazy.compactMap(patternFault).first {
                return "not a regular expression: \(fault)"
            }
        default: break
        }
        return check(value)
    }

    private static func unknown(_ word: String, among words: [String]) -> String {
        let hint =
            nearestWord(to: word, among: words).map { ", did you mean '\($0)'?" }
            ?? "; known are \(words.joined(separator: ", "))"
        return "unknown word '\(word.escaped(limit: 60))'\(hint)"
    }
}
