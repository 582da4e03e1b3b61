import CaptureProbe
import DNSProbe
import FlowsProbe
import HTTPProbe
import ICMPProbe
import IdleProbe
import LinuxIO
import MTUProbe
import NameResolution
import NetValues
import Observations
import Planning
import ProbeKit
import StreamTransport
import TCPProbe
import TLSProbe
import ThroughputProbe
import TraceProbe
import UDPProbe
import VantageState

/// The probes of this program. A new probe is one line here.
let probeCatalogue = ProbeCatalogue([
    DNSProbe.self, TCPProbe.self, TLSProbe.self, HTTPProbe.self, ICMPProbe.self, UDPProbe.self, CaptureProbe.self,
    FlowsProbe.self, IdleProbe.self, MTUProbe.self, TraceProbe.self, ThroughputProbe.self,
])

/// The reactor and everything that hangs on it: what a run needs of the machine.
struct Instruments: Sendable {
    let reactor: Reactor
    let time: SystemTime
    var capabilities: Capabilities

    /// - Throws: our own inability: no descriptors, unreadable system files.
    static func open() throws -> Instruments {
        let reactor = try startReactor()
        let connector = TCPConnector(reactor: reactor)
        let capabilities = Capabilities(
            dns: AresExchange(reactor: reactor), streams: connector,
            tls: OpenSSLTransport(reactor: reactor), datagrams: UDPProber(reactor: reactor),
            echo: EchoOpener(reactor: reactor),
            resolver: try VantageFiles.readResolverConfiguration(environment: Self.resolverEnvironment()),
            hosts: try VantageFiles.readHosts(), captures: LiveCapturing(),
            flows: UDPFlowOpener(reactor: reactor), soundings: Sounder(reactor: reactor, connector: connector),
            neighbours: LinkAsker(reactor: reactor), paths: PathProber(reactor: reactor), segments: connector,
            bulk: BulkOpener(reactor: reactor, connector: connector))
        return Instruments(reactor: reactor, time: SystemTime(reactor: reactor), capabilities: capabilities)
    }

    static func startReactor() throws(Inability) -> Reactor {
        do throws(SystemCallFailure) {
            return try Reactor()
        } catch {
            throw error.inability(to: "start the thread that measures")
        }
    }

    /// The two variables that change what resolv.conf says (resolv.conf(5)).
    static func resolverEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        for name in ["LOCALDOMAIN", "RES_OPTIONS"] { variables[name] = Terminal.environment(name) }
        return variables
    }
}
