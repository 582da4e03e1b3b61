/// An ICMP error in words with its numbers: "host unreachable (3/1)". Unknown codes keep their type's name.
package func icmpErrorName(type: UInt8, code: UInt8, isV6: Bool) -> String {
    "\(icmpErrorWords(type: type, code: code, isV6: isV6)) (\(type)/\(code))"
}

/// The same without its numbers.
package func icmpErrorWords(type: UInt8, code: UInt8, isV6: Bool) -> String {
    let names = isV6 ? icmpv6Names : icmpNames
    guard let known = names[type] else { return "ICMP\(isV6 ? "v6" : "") type \(type)" }
    return known.codes.indices.contains(Int(code)) ? known.codes[Int(code)] : known.type
}

private struct Names {
    let type: String
    /// By code, from 0.
    let codes: [String]
}

/// RFC 792, RFC 1122 section 3.2.2.1 and RFC 1812 section 5.2.7.1, in words for people.
private let icmpNames: [UInt8: Names] = [
    3: Names(
        type: "destination unreachable",
        codes: [
            "network unreachable", "host unreachable", "protocol unreachable", "port unreachable",
            "fragmentation needed",
            "source route failed", "network unknown", "host unknown", "source host isolated",
            "network administratively prohibited", "host administratively prohibited",
            "network unreachable for this type of service", "host unreachable for this type of service",
            "administratively prohibited", "host precedence violation", "precedence cutoff in effect",
        ]),
    4: Names(type: "source quench", codes: []),
    5: Names(
        type: "redirect",
        codes: [
            "redirect for the network", "redirect for the host", "redirect for the type of service and network",
            "redirect for the type of service and host",
        ]),
    11: Names(type: "time exceeded", codes: ["time exceeded", "fragment reassembly time exceeded"]),
    12: Names(
        type: "parameter problem",
        codes: ["parameter problem", "required option missing", "bad length"]),
]

/// RFC 4443 sections 3.1 to 3.4 with the codes that were registered later (RFC 6550, RFC 7112, RFC 8754, RFC 8883).
private let icmpv6Names: [UInt8: Names] = [
    1: Names(
        type: "destination unreachable",
        codes: [
            "no route to destination", "administratively prohibited", "beyond scope of source address",
            "address unreachable", "port unreachable", "source address failed policy", "reject route to destination",
            "error in source routing header", "headers too long",
        ]),
    2: Names(type: "packet too big", codes: []),
    3: Names(type: "time exceeded", codes: ["hop limit exceeded", "fragment reassembly time exceeded"]),
    4: Names(
        type: "parameter problem",
        codes: ["erroneous header field", "unrecognized next header", "unrecognized option", "incomplete header chain"]),
    // No error, but about a packet that was sent (RFC 4861 section 4.5).
    137: Names(type: "redirect", codes: []),
]
