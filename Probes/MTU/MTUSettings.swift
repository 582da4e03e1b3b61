import NetValues
import Observations
import Planning
import ProbeKit

/// What a plan asks of the path MTU.
struct MTUSettings: Sendable {
    enum Method: String, CaseIterable, Sendable {
        case udp, icmp, tcp

        var carrier: SoundingFact.Carrier {
            switch self {
            case .udp: .udp
            case .icmp: .icmp
            case .tcp: .tcp
            }
        }
    }

    /// Traceroute's: nothing listens there nearly everywhere.
    static let closedPort: UInt16 = 33434

    let host: Host
    /// In the order in which they are carried out: what one finds makes the next one quicker.
    let methods: [Method]
    /// The method is asked for by name.
    let isChosen: Bool
    let port: UInt16?
    /// Of a page that is asked for to hear large packets of the service.
    let page: HTTPURL?
    let smallest: Int
    let largest: Int
    /// So many bytes must get there; nil asks for none.
    let wanted: Int?

    init(_ check: Check) throws(PlanProblem) {
        guard let host = check.target.host, check.target.port == nil else {
            throw PlanProblem("mtu takes \(Target.Form.host.syntax), not `\(check.target)`")
        }
        let parameters = check.parameters
        self.host = host
        page = parameters.text("page").flatMap { HTTPURL($0) }
        let method = parameters.text("method").flatMap(Method.init)
        port =
            parameters.number("port").flatMap { UInt16(exactly: $0) }
            ?? (method == nil || method == .tcp ? page?.port : nil)
        isChosen = method != nil
        methods = method.map { [$0] } ?? (port == nil ? [.icmp, .udp] : [.icmp, .udp, .tcp])
        smallest = parameters.number("smallest") ?? PathMTUSearch.leastPacket
        largest = parameters.number("largest") ?? PathMTUSearch.largestPacket
        wanted = check.expectation.parameters.number("min")
        guard smallest < largest else {
            throw PlanProblem(
                "smallest: \(smallest) is not below largest (\(largest))", at: parameters.places["smallest"])
        }
        if method == .tcp, port == nil {
            throw PlanProblem("method tcp needs a port that accepts connections", at: parameters.places["method"])
        }
    }

    /// Services that answer a ClientHello with their certificates, those of them that speak HTTP then, and those that answer a request
    /// in the clear.
    private static let portsOfTLS: Set<UInt16> = portsOfHTTPS.union([465, 636, 853, 993, 995, 5061])
    private static let portsOfHTTPS: Set<UInt16> = [443, 6443, 8443, 9443, 10250]
    private static let portsOfHTTP: Set<UInt16> = [80, 8000, 8080, 8888]

    /// What makes the service answer with large packets; nil where no harmless word is known.
    func speech(to endpoint: Endpoint, _ tls: any TLSSecuring) -> SegmentSession.Speech? {
        let isSecure = page.map { $0.scheme == .https } ?? Self.portsOfTLS.contains(endpoint.port)
        let speaksHTTP =
            page != nil || Self.portsOfHTTP.contains(endpoint.port) || Self.portsOfHTTPS.contains(endpoint.port)
        let question =
            speaksHTTP
            ? SegmentSession.request(
                page?.requestTarget ?? "/",
                of: HostPort(host: page?.host ?? host, port: endpoint.port).description) : nil
        guard isSecure else { return question }
        let name = page?.host ?? host
        return SegmentSession.handshake(
            tls, with: endpoint,
            TLSSettings(serverName: name.name.map { $0.labels.joined(separator: ".") }, expectedName: name),
            then: question)
    }

    func destination(_ address: IPAddress, _ method: Method) -> Endpoint {
        switch method {
        case .icmp: Endpoint(address, 0)
        case .udp: Endpoint(address, isChosen ? port ?? Self.closedPort : Self.closedPort)
        case .tcp: Endpoint(address, port ?? 0)
        }
    }
}
