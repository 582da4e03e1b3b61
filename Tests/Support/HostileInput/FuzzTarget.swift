/// One reader of foreign bytes, with what must hold whatever the bytes are. The fuzzer (Tests/Fuzz) looks for bytes for which
/// it does not; ReplayTests shows what it found before to every target again.
package struct FuzzTarget: Sendable {
    /// The name of its folder of findings.
    package let name: String
    /// Where a search begins: whole examples of what the reader is for.
    package let seeds: @Sendable () -> [[UInt8]]
    /// Words of the format, for the fuzzer to put in.
    package let words: [String]
    /// Throws a `Violation` when a property does not hold.
    package let check: @Sendable ([UInt8]) throws -> Void

    init(
        _ name: String, words: [String] = [], seeds: @escaping @Sendable () -> [[UInt8]],
        check: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.words = words
        self.seeds = seeds
        self.check = check
    }

    package static let all: [FuzzTarget] = [
        dnsMessage, dnsName, httpResponse, httpChunked, icmpMessage, quotedPacket, icmpExtensions, certificateNames,
        spellings, url,
        resolverConfiguration, hostsTable, proxyVariables, plan, report, safeText, frame, fragments, tcpSegment,
        segmentStart, pcap,
        pcapng,
        gzippedCapture, dnsOutline, arpPacket, neighbourDiscovery, dhcpMessage, dhcpv6Message, dnsStream, rateAnswers,
        tlsStream, httpStream, quicInitial, ownTraffic,
        iperfMessage, ntpMessage, sipResponse, quicVersions, targetRange,
        kubeconfig, packetAnalysis, headerLength, packetReport, netlink, vantageCounters, yaml, manifests,
        derivedPlan, clusterAnswers,
    ]
}

/// A property that did not hold.
package struct Violation: Error, CustomStringConvertible {
    package let description: String
}

/// - Throws: `Violation` with the text when the condition is false.
func hold(_ condition: Bool, _ text: @autoclosure () -> String) throws {
    guard condition else { throw Violation(description: text()) }
}

extension [UInt8] {
    static func hex(_ text: String) -> [UInt8] {
        let digits = text.filter { !$0.isWhitespace }
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { at in
            let start = digits.index(digits.startIndex, offsetBy: at)
            return UInt8(digits[start...].prefix(2), radix: 16)
        }
    }
}
