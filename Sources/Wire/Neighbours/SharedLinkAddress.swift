extension LinkAddress {
    /// A link address that by design moves between machines or answers for others: more than one owner of a protocol address is
    /// then no conflict.
    package enum Sharing: String, Hashable, Sendable {
        /// VRRP (RFC 5798 section 7.3); CARP uses the same.
        case vrrp = "VRRP or CARP"
        case hsrp = "HSRP"
        case glbp = "GLBP"
        /// Microsoft Network Load Balancing, unicast.
        case nlb = "NLB"
        /// Calico gives it to the host's end of each pod's link, which answers for every address.
        case calico = "Calico"
    }

    package var sharing: Sharing? {
        if bits == 0xeeee_eeee_eeee { return .calico }
        switch bits >> 8 {
        case 0x00_005e_0001, 0x00_005e_0002: return .vrrp
        case 0x00_000c_07ac: return .hsrp
        default: break
        }
        switch bits >> 12 {
        case 0x00_000c_9ff, 0x00_0573_a00: return .hsrp
        default: break
        }
        if bits >> 16 == 0x00_07b4_00 { return .glbp }
        if bits >> 32 == 0x02bf { return .nlb }
        return nil
    }
}
