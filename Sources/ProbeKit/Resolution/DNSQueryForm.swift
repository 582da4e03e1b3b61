import NetValues
import Observations
import Wire

/// How questions are put: everything in a query but its name and type.
package struct DNSQueryForm: Hashable, Sendable {
    package var transport: DNSFact.Transport
    /// The size of UDP answer that is advertised; nil sends no OPT record.
    package var payloadSize: UInt16?
    package var recursion: Bool
    package var dnssec: Bool
    package var checkingDisabled: Bool

    package init(
        transport: DNSFact.Transport = .udp, payloadSize: UInt16? = largestUnfragmented, recursion: Bool = true,
        dnssec: Bool = false,
        checkingDisabled: Bool = false
    ) {
        self.transport = transport
        self.payloadSize = payloadSize
        self.recursion = recursion
        self.dnssec = dnssec
        self.checkingDisabled = checkingDisabled
    }

    /// The id is the exchange's to choose.
    package func query(_ name: DomainName, _ type: DNSType) -> DNSMessage {
        DNSMessage(
            id: 0, recursionDesired: recursion, checkingDisabled: checkingDisabled,
            questions: [DNSQuestion(name: name.absolute, type: type)],
            edns: payloadSize.map { DNSEDNS(udpPayloadSize: $0, dnssecOK: dnssec) })
    }

    /// What still gets through where fragments or EDNS itself do not: the size that needs no fragments, or no EDNS. Nil where
    /// nothing is less.
    var smaller: DNSQueryForm? {
        guard let payloadSize else { return nil }
        guard payloadSize > Self.largestUnfragmented else { return withoutEDNS }
        var form = self
        form.payloadSize = Self.largestUnfragmented
        return form
    }

    /// What DNS flag day 2020 settled on: it fits the smallest IPv6 path without fragments.
    package static let largestUnfragmented: UInt16 = 1232

    var withoutEDNS: DNSQueryForm {
        var form = self
        form.payloadSize = nil
        return form
    }
}
