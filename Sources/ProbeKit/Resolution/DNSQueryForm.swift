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

    /// 1232 is what DNS flag day 2020 settled on: it fits the smallest IPv6 path without fragments.
    package init(
        transport: DNSFact.Transport = .udp, payloadSize: UInt16? = 1232, recursion: Bool = true, dnssec: Bool = false,
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

    var withoutEDNS: DNSQueryForm {
        var form = self
        form.payloadSize = nil
        return form
    }
}
