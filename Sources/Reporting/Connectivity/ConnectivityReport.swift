import Connectivity
import JSON
import Manifests
import NetValues

/// The forms in which connectivity can be asked for.
package enum ConnectivityFormat: String, Hashable, Sendable, CaseIterable {
    case text, json, csv, dot
}

/// Who may talk to whom. Rows go out as they come: there may be more of them than one text should hold.
package struct ConnectivityReport: Sendable {
    package static let schema = "leadsman/connectivity/v1"
    /// A piece of the result, about.
    static let blockSize = 64 << 10

    let evaluation: PolicyEvaluation
    let rows: ConnectivityRows
    let toolVersion: String
    let style: TextStyle

    package init(_ evaluation: PolicyEvaluation, rows: ConnectivityRows, toolVersion: String, style: TextStyle) {
        self.evaluation = evaluation
        self.rows = rows
        self.toolVersion = toolVersion
        self.style = style
    }

    /// - Parameter write: takes UTF-8, whole lines.
    package func write<Failure: Error>(
        as format: ConnectivityFormat, to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        switch format {
        case .text: try ConnectivityText(self).write(to: write)
        case .json: try ConnectivityJSON(self).write(to: write)
        case .csv: try ConnectivityCSV(self).write(to: write)
        case .dot: try ConnectivityGraph(self).write(to: write)
        }
    }

    /// "NetworkPolicy shop/a (a.yaml:3): the API would refuse it: …"
    var leftOut: [String] { Self.leftOut(evaluation) }

    static func leftOut(_ evaluation: PolicyEvaluation) -> [String] {
        evaluation.refused.map { words($0, $0.mistakes.first?.message ?? "the API would refuse it") }
            + evaluation.replaced.map {
                words($0, "the same name is given again later, and what is applied last counts")
            }
    }

    private static func words(_ policy: NetworkPolicy, _ reason: String) -> String {
        let place = policy.object.place.words.map { " (\($0))" } ?? ""
        return "\(policy.object.title)\(place): \(reason)"
    }

    var foreign: [String] { ForeignPolicies.counted(in: evaluation.state) }
}

extension PolicyDecision {
    /// "shop/db-policy (policies.yaml:12)"
    var words: String {
        let shown = policy.escaped(limit: 320)
        return place.words.map { "\(shown) (\($0.escaped(limit: 4096)))" } ?? shown
    }

    var json: JSONValue {
        let members: [(String, JSONValue)] = [
            ("file", place.file.map { .string($0) } ?? .null), ("line", .int(place.line)), ("policy", .string(policy)),
            ("direction", .string(direction.rawValue)), ("rule", rule.map { .int($0) } ?? .null),
        ]
        return .object(JSONObject(members))
    }
}

extension AllowedPorts {
    var json: JSONValue {
        if isEverything { return "all" }
        return .array(
            ranges.map { transport, ports in
                .object(
                    JSONObject([
                        ("protocol", .string(transport.rawValue)), ("from", .int(Int(ports.lowerBound))),
                        ("to", .int(Int(ports.upperBound))),
                    ]))
            })
    }
}
