import Manifests
import NetValues

/// A server block of CoreDNS (`zone… { … }`), or the lines of an override without one, with what it forwards.
struct CorefileBlock {
    struct Forward {
        /// "." for everything.
        let zone: String
        let upstreams: [IPAddress]
        let place: ManifestPlace
    }

    let text: EmbeddedText
    /// Without ports: "hybrid.example.com".
    let zones: [String]
    private(set) var forwards: [Forward] = []
    /// Seconds that answers are kept, where that is said.
    private(set) var cache: Int?

    /// CoreDNS's own file, and the ones that AKS imports.
    static func isCorefile(_ text: EmbeddedText) -> Bool {
        text.name == "Corefile"
            || text.object.name.contains("coredns")
                && (text.name.hasSuffix(".server") || text.name.hasSuffix(".override"))
    }

    static func all(_ texts: [EmbeddedText]) -> [CorefileBlock] { texts.filter(isCorefile).flatMap(blocks) }

    private static func blocks(_ text: EmbeddedText) -> [CorefileBlock] {
        var found: [CorefileBlock] = []
        var current = CorefileBlock(text: text, zones: [])
        var depth = 0
        for (index, line) in text.lines.enumerated() {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard let first = words.first else { continue }
            if words.last == "{" {
                if depth == 0 {
                    current = CorefileBlock(text: text, zones: words.dropLast().map(zone))
                } else {
                    current.take(words.dropLast(), text.place(index))
                }
                depth += 1
            } else if first == "}" {
                depth = max(0, depth - 1)
                if depth == 0 {
                    found.append(current)
                    current = CorefileBlock(text: text, zones: [])
                }
            } else if depth <= 1 {
                current.take(words[...], text.place(index))
            }
        }
        return current.forwards.isEmpty ? found : found + [current]
    }

    private mutating func take(_ words: ArraySlice<Substring>, _ place: ManifestPlace) {
        guard let first = words.first else { return }
        let rest = words.dropFirst()
        switch first {
        case "forward", "proxy":
            guard let zone = rest.first else { return }
            forwards.append(
                Forward(zone: String(zone), upstreams: rest.dropFirst().compactMap(Self.upstream), place: place))
        case "cache": cache = rest.first.flatMap { Int($0) }
        default: return
        }
    }

    /// "10.0.0.53", "10.0.0.53:5353", "tls://1.1.1.1".
    private static func upstream(_ word: Substring) -> IPAddress? {
        let host = word.hasPrefix("tls://") || word.hasPrefix("dns://") ? word.dropFirst(6) : word
        return IPAddress(host) ?? host.split(separator: ":").first.flatMap { IPAddress($0) }
    }

    /// "hybrid.example.com:53", "dns://.:53".
    private static func zone(_ word: Substring) -> String {
        let name = word.hasPrefix("dns://") ? word.dropFirst(6) : word
        let bare = name.prefix { $0 != ":" }
        return String(bare.count > 1 && bare.hasSuffix(".") ? bare.dropLast() : bare)
    }
}
