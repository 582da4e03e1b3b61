import Observations

/// The kinds of facts that a check has.
struct FactKinds: OptionSet {
    let rawValue: UInt16

    static let resolution = FactKinds(rawValue: 1)
    static let dns = FactKinds(rawValue: 2)
    static let connect = FactKinds(rawValue: 4)
    static let datagram = FactKinds(rawValue: 8)
    static let banner = FactKinds(rawValue: 16)
    static let tls = FactKinds(rawValue: 32)
    static let http = FactKinds(rawValue: 64)
    static let echo = FactKinds(rawValue: 128)
    static let capture = FactKinds(rawValue: 256)
    static let sounding = FactKinds(rawValue: 512)
    static let service = FactKinds(rawValue: 1024)
    static let neighbour = FactKinds(rawValue: 2048)
    static let load = FactKinds(rawValue: 4096)
    static let trial = FactKinds(rawValue: 8192)
    static let path = FactKinds(rawValue: 16384)
    static let throughput = FactKinds(rawValue: 32768)

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    init(of fact: Fact) {
        self =
            switch fact {
            case .resolution: .resolution
            case .dns: .dns
            case .connect: .connect
            case .datagram: .datagram
            case .banner: .banner
            case .tls: .tls
            case .http: .http
            case .echo: .echo
            case .capture: .capture
            case .sounding: .sounding
            case .service: .service
            case .neighbour: .neighbour
            case .flows, .idle: .load
            case .pairs, .rate: .trial
            case .trace, .pathMTU: .path
            case .throughput: .throughput
            }
    }
}
