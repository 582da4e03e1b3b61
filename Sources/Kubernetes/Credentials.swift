import LinuxIO
import NetValues

/// What proves who asks. Never shown.
struct Credentials: Sendable, Equatable {
    var token: String?
    /// PEM.
    var certificate: [UInt8]?
    var key: [UInt8]?
    var end: WallTime?
}

/// The credentials of one user, as they are now: a file of a token is read each time, a plug-in is asked again when its answer ends.
actor CredentialSource {
    private let access: ClusterAccess
    private let reactor: Reactor
    private var given: Credentials?

    private static let largestToken = 1 << 20
    /// A token that ends while it is on its way is of no use.
    private static let margin = Duration.seconds(10)

    init(_ access: ClusterAccess, reactor: Reactor) {
        self.access = access
        self.reactor = reactor
    }

    /// - Parameter isRefused: the server did not take the last ones.
    func current(isRefused: Bool = false) async throws(ClusterProblem) -> Credentials {
        var found = Credentials(certificate: access.certificate, key: access.key)
        switch access.user {
        case .anonymous: break
        case .token(let token): found.token = Self.clean(token)
        case .tokenFile(let path, let otherwise): found.token = try token(in: path, otherwise: otherwise)
        case .plugin(let plugin):
            let answer = try await answer(of: plugin, isRefused: isRefused)
            found.token = answer.token
            if answer.certificate != nil, answer.key != nil {
                (found.certificate, found.key) = (answer.certificate, answer.key)
            }
        }
        return found
    }

    private func answer(of plugin: ExecPlugin, isRefused: Bool) async throws(ClusterProblem) -> Credentials {
        if let given, !isRefused, given.end.map({ $0 > .now + Self.margin }) ?? true { return given }
        let answer = try await plugin.credentials(for: access, reactor: reactor)
        given = answer
        return answer
    }

    private func token(in path: String, otherwise: String?) throws(ClusterProblem) -> String {
        switch FileBytes.read(path, limit: Self.largestToken, patience: .seconds(5)) {
        case .success(let bytes):
            let token = Self.clean(String(decoding: bytes, as: UTF8.self))
            if !token.isEmpty { return token }
            throw ClusterProblem(
                .inability, place: path.escaped(limit: 1000), cause: "the token file is empty",
                fix: "write a token into it: kubectl create token SERVICEACCOUNT")
        case .failure(let failure):
            if let otherwise { return Self.clean(otherwise) }
            throw ClusterProblem(
                .inability, place: path.escaped(limit: 1000), cause: "the token cannot be read: \(failure.reason)",
                fix: "mount the service account token, or correct `tokenFile`")
        }
    }

    private static func clean(_ token: String) -> String {
        let start = token.drop(while: \.isWhitespace)
        return String(start.prefix { !$0.isWhitespace })
    }
}
