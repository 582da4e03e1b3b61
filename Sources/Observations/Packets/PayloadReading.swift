/// Reads X.509 for an analysis, which knows no cryptography.
package protocol CertificateDescribing: Sendable {
    /// - Parameter chain: DER as sent, leaf first.
    /// - Returns: nil when the leaf cannot be read.
    func describe(_ chain: [[UInt8]]) -> CertificateSummary?
}

/// Opens the Initial packets of QUIC, which are encrypted with keys that anybody can derive (RFC 9001 section 5.2, RFC 9369).
package protocol QUICInitialOpening: Sendable {
    /// - Returns: the frames, or nil when the packet was not sealed with these keys.
    func open(_ packet: SealedQUICInitial) -> [UInt8]?
}

/// An Initial packet as it came.
package struct SealedQUICInitial: Hashable, Sendable {
    /// From the first byte of its header to the end of its payload, still protected.
    package let bytes: [UInt8]
    /// Where the protected packet number begins.
    package let numberOffset: Int
    package let version: UInt32
    /// What the client chose as the destination of its first packet.
    package let connectionID: [UInt8]
    package let isFromServer: Bool

    package init(bytes: [UInt8], numberOffset: Int, version: UInt32, connectionID: [UInt8], isFromServer: Bool) {
        self.bytes = bytes
        self.numberOffset = numberOffset
        self.version = version
        self.connectionID = connectionID
        self.isFromServer = isFromServer
    }
}
