import YAML

/// How an Ingress or a route names the port of a Service.
package enum BackendPort: Hashable, Sendable {
    case number(UInt16)
    case named(String)

    /// A text of digits is a number too, as in the old API's `servicePort`.
    package init?(_ node: YAMLNode?) {
        guard let text = node?.text else { return nil }
        if let number = UInt16(text), number > 0 {
            self = .number(number)
        } else if node?.int == nil, !text.isEmpty {
            self = .named(text)
        } else {
            return nil
        }
    }

    package var words: String {
        switch self {
        case .number(let number): String(number)
        case .named(let name): name
        }
    }

    package func isPort(_ port: DeclaredService.Port) -> Bool {
        switch self {
        case .number(let number): port.number == number
        case .named(let name): port.name == name
        }
    }
}
