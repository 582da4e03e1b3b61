import NetValues
import YAML
import YAMLReading

extension YAMLComposer.Remark {
    /// As a mistake of a plan.
    var words: String {
        switch self {
        case .repeatedKey(let key, let first):
            "the key `\(key.escaped(limit: 60))` is written twice: first in line \(first.line), column \(first.column)"
        case .tag(let tag): "a tag such as `\(tag.escaped(limit: 40))` has no meaning in a plan: leave it out"
        case .mergeKey: "merge keys (`<<`) are not read: write the keys out, or put them under `defaults`"
        case .strangeKey: "a key is a plain word here, without anchor, alias or tag"
        case .unknownAnchor(let anchor):
            "no `&\(anchor.escaped(limit: 40))` stands before this (a text that begins with `*` needs quotes)"
        }
    }
}
