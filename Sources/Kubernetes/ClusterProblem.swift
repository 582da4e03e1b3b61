import NetValues
import Observations
import ProbeKit

/// Why a cluster could not be asked: where, what is wrong there, and how to mend it. Never with a token or a key in it.
package struct ClusterProblem: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// What was given is wrong: options, a kubeconfig.
        case input
        /// We could not do what was asked: no way to the server, no right, an expired certificate.
        case inability
    }

    package let kind: Kind
    /// "/root/.kube/config:12:5", "https://10.0.0.1:6443 (context shop of …)"
    package let place: String
    package let cause: String
    package let fix: String

    package init(_ kind: Kind, place: String, cause: String, fix: String) {
        self.kind = kind
        self.place = place
        self.cause = cause
        self.fix = fix
    }

    /// - Parameter interruption: of a capability.
    init(_ interruption: ProbeInterruption, place: String) {
        switch interruption {
        case .cancelled:
            self.init(.inability, place: place, cause: "the reading was stopped", fix: "run it again")
        case .unable(let inability):
            self.init(.inability, place: place, cause: inability.description, fix: inability.fix)
        }
    }
}

extension ClusterProblem: CustomStringConvertible {
    package var description: String { "\(place): \(cause)\n  to mend it: \(fix)" }
}
