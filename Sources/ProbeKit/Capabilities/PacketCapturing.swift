import NetValues
import Observations

/// A live capture on an interface of this machine. It sends nothing.
package protocol PacketCapturing: Sendable {
    /// - Parameters:
    ///   - begun: called once frames are being taken.
    ///   - end: what returns when no more are wanted.
    /// - Throws: `.unable` without the right to capture, without the interface, or with a filter that is none.
    func capture(
        _ request: CaptureRequest, begun: @escaping @Sendable () -> Void,
        until end: @escaping @Sendable () async -> Void
    ) async throws(ProbeInterruption) -> PacketSummary
}

package struct CaptureRequest: Hashable, Sendable {
    package var interface: String
    /// As pcap-filter(7); empty takes everything.
    package var filter: String
    /// The longest that it lasts.
    package var span: Duration?

    package init(interface: String, filter: String, span: Duration?) {
        self.interface = interface
        self.filter = filter
        self.span = span
    }
}

/// Where nobody offers captures.
package struct NoPacketCapturing: PacketCapturing {
    package init() {}

    package func capture(
        _ request: CaptureRequest, begun: @escaping @Sendable () -> Void,
        until end: @escaping @Sendable () async -> Void
    ) async throws(ProbeInterruption) -> PacketSummary {
        throw .unable(
            Inability(
                .internalFault, action: "capture on \(request.interface.escaped(limit: 40))",
                reason: "captures are not offered here", fix: "please report this with the command line"))
    }
}
