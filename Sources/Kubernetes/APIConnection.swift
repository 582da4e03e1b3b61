import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import Wire

/// What the API server answered.
struct APIResponse: Sendable {
    let status: Int
    let fields: [HTTPField]
    let body: [UInt8]
}

/// One connection to the API server, used for one request after the other. It can say GET, and nothing else.
actor APIConnection {
    private let access: ClusterAccess
    private let capabilities: Capabilities
    private let time: any TimeSource
    private let agent: String
    private let largestBody: Int
    private var stream: (any ByteStream)?
    /// What the open connection was made with.
    private var identity = Credentials()

    private static let patience = Duration.seconds(60)
    private static let patienceToConnect = Duration.seconds(15)

    init(_ access: ClusterAccess, capabilities: Capabilities, time: any TimeSource, agent: String, largestBody: Int) {
        self.access = access
        self.capabilities = capabilities
        self.time = time
        self.agent = agent
        self.largestBody = largestBody
    }

    func close() async {
        await stream?.close()
        stream = nil
    }

    func get(
        _ target: String, accept: String, credentials: Credentials
    ) async throws(ClusterProblem) -> APIResponse {
        let request = try encoded(target, accept: accept, credentials)
        if stream != nil, identity.certificate != credentials.certificate { await close() }
        let deadline = time.now() + Self.patience
        if let stream {
            // The server may have closed a connection that lay idle: what was not answered at all is asked again.
            do throws(ClusterProblem) {
                if let response = try await exchange(request, over: stream, isReused: true, deadline) {
                    return response
                }
            } catch {
                await close()
                throw error
            }
            await close()
        }
        identity = credentials
        let opened = try await APIDoor(access, capabilities: capabilities, time: time).open(
            credentials, until: time.now() + Self.patienceToConnect)
        stream = opened
        do throws(ClusterProblem) {
            if let response = try await exchange(request, over: opened, isReused: false, deadline) { return response }
        } catch {
            await close()
            throw error
        }
        throw access.problem("closed the connection without an answer", "look at the API server's own log")
    }

    private func encoded(
        _ target: String, accept: String, _ credentials: Credentials
    ) throws(ClusterProblem) -> [UInt8] {
        var fields = [
            HTTPField("Host", access.server.authority), HTTPField("Accept", accept), HTTPField("User-Agent", agent),
        ]
        // A token in the clear would be everybody's: `kubectl proxy`, which speaks plain HTTP, needs none.
        if let token = credentials.token, access.server.scheme == .https {
            fields.append(HTTPField("Authorization", HTTPCredentials.bearer(token)))
        }
        do throws(HTTPMessageError) {
            return try HTTPRequestMessage(method: "GET", target: access.pathPrefix + target, fields: fields).encoded()
        } catch {
            throw access.problem(
                "cannot be asked: \(error.description)", "correct the token: it must be one line of text")
        }
    }

    /// - Returns: nil where a connection that was used before ended without a byte.
    private func exchange(
        _ request: [UInt8], over stream: any ByteStream, isReused: Bool, _ deadline: Instant
    ) async throws(ClusterProblem) -> APIResponse? {
        var exchange = APIExchange(access, time: time, deadline: deadline, largestBody: largestBody)
        guard let response = try await exchange.run(request, over: stream, isReused: isReused) else { return nil }
        if exchange.isLast { await close() }
        return response
    }
}
