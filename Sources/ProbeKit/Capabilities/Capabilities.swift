import NetValues
import Observations

/// What a probe can do to the world. Each member is a protocol of a few methods in bytes and values, so that a test can
/// script the whole network.
package struct Capabilities: Sendable {
    package var dns: any DNSExchanging
    package var streams: any StreamConnecting
    package var tls: any TLSSecuring
    package var datagrams: any DatagramProbing
    package var echo: any EchoOpening
    package var captures: any PacketCapturing
    package var soundings: any Sounding
    package var neighbours: any NeighbourAsking
    package var paths: any PathProbing
    package var segments: any SegmentConnecting
    package var bulk: any BulkTransferring
    /// Where soundings were made already; of all who have these capabilities.
    package let soundingLedger = SoundingLedger()
    package var flows: any DatagramFlowOpening
    package var resolver: ResolverConfiguration
    package var hosts: HostsTable

    package init(
        dns: any DNSExchanging, streams: any StreamConnecting, tls: any TLSSecuring, datagrams: any DatagramProbing,
        echo: any EchoOpening, resolver: ResolverConfiguration, hosts: HostsTable,
        captures: any PacketCapturing = NoPacketCapturing(), flows: any DatagramFlowOpening = NoDatagramFlows(),
        soundings: any Sounding = NoSounding(), neighbours: any NeighbourAsking = NoNeighbourAsking(),
        paths: any PathProbing = NoPathProbing(), segments: any SegmentConnecting = NoSegmentConnecting(),
        bulk: any BulkTransferring = NoBulkTransferring()
    ) {
        self.bulk = bulk
        self.paths = paths
        self.segments = segments
        self.neighbours = neighbours
        self.flows = flows
        self.soundings = soundings
        self.captures = captures
        self.dns = dns
        self.streams = streams
        self.tls = tls
        self.datagrams = datagrams
        self.echo = echo
        self.resolver = resolver
        self.hosts = hosts
    }
}
