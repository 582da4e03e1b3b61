/// What keeps a network going beside the traffic of its users.
struct ControlTraffic {
    var dns: DNSAnalysis
    var icmp: ICMPAnalysis
    var neighbours: NeighbourAnalysis
    var dhcp: DHCPAnalysis

    init(_ settings: AnalysisSettings) {
        dns = DNSAnalysis(settings)
        icmp = ICMPAnalysis(settings)
        neighbours = NeighbourAnalysis(settings)
        dhcp = DHCPAnalysis(settings)
    }
}
