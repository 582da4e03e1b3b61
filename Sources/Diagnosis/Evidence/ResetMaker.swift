import NetValues
import Observations

/// Who refuses an endpoint by resets, as soundings show it: with which hop limit the reset comes already, and with which TTL it
/// arrives, against what the target's own machine answers. A socket needs no right for either.
enum ResetMaker {
    /// Not the machine that has the address: a router that else passes its packets on.
    case device(Device)
    /// As far away as a machine behind a translator or proxy: nearer than who has the address, and no router.
    case nearer(limit: Int, distance: Int)
    /// Before the first router: this host, or what it is attached to.
    case here(distance: Int)
    /// The reset travels as far as the target's own packets.
    case target
    case unknown

    struct Device: Hashable {
        let confidence: Finding.Confidence
        /// The first hop limit with which the reset comes.
        let limit: Int
        /// The last router before it, which may be the device itself.
        let router: IPAddress?

        /// "1 hop away (198.18.1.1)"
        var place: String { "\(counted(limit - 1, "hop")) away\(router.map { " (\($0))" } ?? "")" }
    }

    /// - Parameter echoHopLimits: with which the target's echo replies arrived.
    init(_ way: Way, echoHopLimits: [Int]) {
        guard let answer = way.answer, answer.outcome == .reset else {
            self = .unknown
            return
        }
        let limit = answer.limit
        let device = { (confidence: Finding.Confidence) in
            Device(confidence: confidence, limit: limit, router: way.router(at: limit - 1))
        }
        // Routers between there and here, on the way back.
        let back = way.own?.resetHopLimit.map(Self.routersBehind)
        let targets = ([way.targetHopLimit].compactMap(\.self) + echoHopLimits).map(Self.routersBehind)
        // A router that refuses what it would pass on answers itself: it is one hop nearer than the limit that the SYN needed.
        let isRouter = limit >= 2 && back == limit - 2
        if let distance = way.distance, limit < distance {
            // Translation in between (a load balancer's address that leads to something nearer) looks like a host at that place.
            if limit == 1 {
                self = .here(distance: distance)
            } else if isRouter {
                self = .device(device(.certain))
            } else if back == nil {
                self = .device(device(.likely))
            } else {
                self = .nearer(limit: limit, distance: distance)
            }
        } else if let back, let nearest = targets.min() {
            if isRouter, back < nearest {
                self = .device(device(.likely))
            } else {
                self = targets.contains(back) ? .target : .unknown
            }
        } else {
            self = .unknown
        }
    }

    /// Systems begin with 64, 128 or 255, and each router takes one.
    static func routersBehind(_ hopLimit: Int) -> Int {
        (hopLimit <= 64 ? 64 : hopLimit <= 128 ? 128 : 255) - min(hopLimit, 255)
    }
}

extension Evidence {
    func resetMaker(_ endpoint: Endpoint) -> ResetMaker {
        guard let way = ways.to(endpoint) else { return .unknown }
        return ResetMaker(way, echoHopLimits: echoHopLimits[endpoint.address] ?? [])
    }

    /// Devices that refuse each of a check's connections in the target's name; nil where one is not known to be.
    func refusingDevices(of check: CheckEvidence) -> [ResetMaker.Device]? {
        let endpoints = check.connects.map(\.endpoint).unique()
        let devices = endpoints.compactMap { endpoint in
            if case .device(let device) = resetMaker(endpoint) { device } else { nil }
        }
        return devices.isEmpty || devices.count < endpoints.count ? nil : devices
    }

    /// By a reset that soundings or a capture show to be none of the target's.
    func isRefusedByDevice(_ check: CheckEvidence) -> Bool {
        let isReset = !check.connects.isEmpty && check.connects.allSatisfy { $0.flow.outcome == .refused(nil) }
        return isForgedlyRefused(check) || (isReset && refusingDevices(of: check) != nil)
    }

    /// Lines of evidence about the ways to a check's endpoints.
    func wayLines(of checks: [CheckEvidence], limit: Int = 4) -> [String] {
        // What a trace sent itself goes before other packets to the same address.
        let traced = checks.flatMap(\.paths).compactMap(\.sounding).filter { $0.carrier != .tcp }
        let lines = checks.flatMap(\.wayEndpoints).unique().flatMap { endpoint -> [String] in
            let way = ways.to(endpoint)
            guard let own = traced.first(where: { $0.endpoint == endpoint }) else { return way?.lines ?? [] }
            return Way(endpoint: endpoint, own: way?.own, reference: own).lines
        }
        return Array(lines.unique().prefix(limit))
    }
}
