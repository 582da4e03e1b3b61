import NetValues
import Planning

/// What the user must say before a check can run: mostly an address.
package struct ScenarioVariable: Sendable {
    package enum Need: Sendable {
        /// Checks in which it stands are left out without it.
        case required
        /// Stands for itself where nothing is given: only what the document itself says, or what harms nobody.
        case byDefault(String)
        /// Without it the line in which it stands is left out.
        case optional
    }

    package let name: String
    package let summary: String
    package let example: String
    package let form: VariableForm
    package let need: Need

    init(_ name: String, _ form: VariableForm, example: String, _ summary: String) {
        self.init(name, form, need: .required, example: example, summary)
    }

    init(_ name: String, _ form: VariableForm, default value: String, _ summary: String) {
        self.init(name, form, need: .byDefault(value), example: value, summary)
    }

    static func optional(_ name: String, _ form: VariableForm, example: String, _ summary: String) -> ScenarioVariable {
        ScenarioVariable(name, form, need: .optional, example: example, summary)
    }

    private init(_ name: String, _ form: VariableForm, need: Need, example: String, _ summary: String) {
        self.name = name
        self.form = form
        self.need = need
        self.example = example
        self.summary = summary
    }

    package var defaultValue: String? { if case .byDefault(let value) = need { value } else { nil } }
    package var isOptional: Bool { if case .optional = need { true } else { false } }
    package var isRequired: Bool { if case .required = need { true } else { false } }
}

/// What a value must look like. Whatever comes from the command line is tested before it gets near the plan, and by the plan's reader then.
package enum VariableForm: Sendable {
    case host, hostPort, url, name
    /// Name servers, with commas.
    case servers
    /// CIDR ranges with commas, or `private`.
    case ranges
    /// What a DNS answer holds, with commas.
    case answers
    case span
    /// Bits a second, which the plan's reader knows.
    case rate
    case port
    case file
    /// A path of a URL.
    case path
    /// The name of an environment or a domain.
    case word

    /// Some of them are several values with commas.
    package var isList: Bool {
        switch self {
        case .servers, .ranges, .answers: true
        default: false
        }
    }

    package var syntax: String {
        switch self {
        case .host: Target.Form.host.syntax
        case .hostPort: Target.Form.hostPort.syntax
        case .url: Target.Form.url.syntax
        case .name: "a domain name"
        case .servers: "addresses of name servers, with commas (10.96.0.10,10.0.0.53:5353)"
        case .ranges: "CIDR ranges with commas (10.0.0.0/8,fd00::/8), or the word private"
        case .answers: "addresses with commas (10.0.0.1,10.4.0.1)"
        case .span: "a duration with a unit (200ms, 3s, 14d)"
        case .rate: "bits a second (100Mbit)"
        case .port: "a port from 1 to 65535"
        case .file: "the name of a file"
        case .path: "a path that begins with / (/health)"
        case .word: "a word of letters, digits, dots and hyphens"
        }
    }

    static let longest = 4096
    static let mostItems = 64

    /// What is wrong with a value, in words that repeat nothing which could be a password; nil when it may go into a plan.
    package func mistake(in value: String) -> String? {
        if value.isEmpty { return "it is empty" }
        if value.utf8.count > Self.longest { return "it is longer than \(Self.longest) bytes" }
        if value.range(ofASCII: "${") != nil { return "it refers to a secret, which only plan files may" }
        if value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) {
            return "it holds a control character"
        }
        guard isList else { return itemMistake(value) }
        let items = Self.items(value)
        if items.count > Self.mostItems { return "it has more than \(Self.mostItems) parts" }
        if case .ranges = self { return Self.rangesMistake(items) }
        return items.lazy.compactMap(itemMistake).first
    }

    static func items(_ value: String) -> [String] {
        value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private func itemMistake(_ item: String) -> String? {
        switch self {
        case .host: Self.mistake(item, .host)
        case .hostPort: Self.mistake(item, .hostPort)
        case .url: Self.mistake(item, .url)
        case .name: Self.mistake(item, .name)
        case .servers: Endpoint(item, defaultPort: 53) == nil ? expected : nil
        case .answers: IPAddress(item) == nil ? expected : nil
        case .span: Duration(span: item) == nil ? expected : nil
        case .port: UInt16(item).map { $0 > 0 } == true && item.utf8.first != 0x2b ? nil : expected
        case .path: !item.hasPrefix("/") || item.unusableCharacter != nil ? expected : nil
        case .word: Self.isWord(item) ? nil : expected
        case .rate: BitRate(item) == nil ? BitRate.expected : nil
        case .file, .ranges: nil
        }
    }

    private var expected: String { "expected \(syntax)" }

    private static func mistake(_ text: String, _ form: Target.Form) -> String? {
        guard Target(text, form: form) == nil else { return nil }
        return form.mistake(in: text) ?? "expected \(form.syntax)"
    }

    private static func rangesMistake(_ items: [String]) -> String? {
        do throws(PlanProblem) {
            _ = try AddressDemand(items)
            return nil
        } catch {
            return error.message
        }
    }

    private static func isWord(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
                default: false
                }
            }
    }
}
