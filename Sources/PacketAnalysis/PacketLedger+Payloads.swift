import Observations
import Wire

/// What looks into payloads. Each is called for every packet of its kind, in the order of the capture.
extension PacketLedger {
    /// Captured bytes of a segment with payload; empty where the snapshot length cut all of them.
    ///
    /// - Parameter place: of the flow in the table, while this call lasts.
    mutating func takeTCP(payload: Span<UInt8>, _ context: PayloadContext, place: UInt32) {
        if !payload.isEmpty, let application = control.dns.takeSegment(context, payload) {
            return recognise(application, place: place)
        }
        var mark = flows[place].mark
        guard mark.wants(fromA: context.isFromA), let stream = context.stream else { return }
        let known = mark.application
        let name = applications.takeSegment(payload, at: stream, context, &mark)
        flows.mark(place, mark)
        note(known: known, mark.application, name, place)
    }

    /// May be empty.
    mutating func takeUDP(payload: Span<UInt8>, _ context: PayloadContext, place: UInt32) {
        if control.dhcp.takeDatagram(context, payload) { return recognise(.dhcp, place: place) }
        if let application = control.dns.takeDatagram(context, payload) { return recognise(application, place: place) }
        var mark = flows[place].mark
        guard mark.wants(fromA: context.isFromA), context.length > 0 else { return }
        let known = mark.application
        let name = applications.takeDatagram(payload, context, &mark)
        flows.mark(place, mark)
        note(known: known, mark.application, name, place)
    }

    private mutating func note(
        known: FlowRecord.Application?, _ application: FlowRecord.Application?, _ name: String?, _ place: UInt32
    ) {
        guard let application, application != known || name != nil else { return }
        recognise(application, place: place, name: name)
    }

    /// ICMP or ICMPv6 (`context.packet.protocolNumber`), from its type on.
    mutating func takeICMP(message: Span<UInt8>, _ context: PayloadContext) {
        if context.packet.source.isIPv6 { control.neighbours.takeICMPv6(context, message) }
        guard let quote = control.icmp.take(context, message) else { return }
        _ = join(
            quote.error, protocolNumber: quote.protocolNumber, source: quote.source, destination: quote.destination,
            tunnel: context.packet.tunnel)
    }

    mutating func takeARP(at offset: Int, link: LinkHeader, in frame: CapturedFrame, _ bytes: Span<UInt8>) {
        control.neighbours.takeARP(at: offset, link: link, in: frame, bytes)
    }

    /// Nothing comes for this flow any more: it was evicted, or its ports are used by another.
    mutating func flowEnded(_ flow: DepartedFlow) {
        applications.forget(flow.number, flow.mark, isWhole: flow.isListed)
    }

    func fillPayloads(_ summary: inout PacketSummary) {
        applications.fill(&summary)
        control.dns.fill(&summary)
        control.icmp.fill(&summary)
        control.neighbours.fill(&summary)
        control.dhcp.fill(&summary)
        for index in summary.flows.indices where summary.flows[index].name == nil {
            summary.flows[index].name = control.dns.names.name(of: summary.flows[index].b.address)
        }
    }

    /// Says what the payload of a flow is.
    mutating func recognise(_ application: FlowRecord.Application, place: UInt32, name: String? = nil) {
        flows.recognise(place, as: application)
        if let name { annotations.name(flows[place].number, name) }
    }

    /// Joins an ICMP error to the flow that it quotes, if that is in the table.
    ///
    /// - Parameters:
    ///   - source: of the quoted packet, as `destination`; port 0 where the protocol has none.
    ///   - tunnel: of the packet that carries the error.
    /// - Returns: the number of the flow.
    mutating func join(
        _ error: QuotedError, protocolNumber: UInt8, source: PacketEndpoint, destination: PacketEndpoint,
        tunnel: Tunnel?
    ) -> Int? {
        guard
            let flow = flows.number(
                protocolNumber: protocolNumber, source: source, destination: destination, tunnel: tunnel)
        else { return nil }
        annotations.add(error, to: flow)
        return flow
    }
}
