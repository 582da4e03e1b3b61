import CPcap
import Glibc
import Wire

/// A packet filter in libpcap's language (pcap-filter(7)), compiled for one link type. It never looks a host name up.
package final class PacketFilter: Sendable {
    package let expression: String
    package let linkType: LinkType
    // Written once in `init`, freed in `deinit`, only read in between.
    nonisolated(unsafe) private var program = bpf_program()

    /// - Parameters:
    ///   - expression: an empty one admits every packet.
    ///   - snapLength: as many bytes as `matches` is given at most; 0 stands for whole packets.
    package init(
        _ expression: String, linkType: LinkType, snapLength: Int = 262_144
    ) throws(PacketFilterProblem) {
        self.expression = expression
        self.linkType = linkType
        guard !expression.utf8.contains(0) else {
            throw PacketFilterProblem(expression: expression, reason: "it holds a zero byte")
        }
        if let name = FilterNames.hostName(in: expression) { throw .name(name, in: expression) }
        guard let handle = pcap_open_dead(linkType.libpcapNumber, Int32(clamping: max(1, snapLength))) else {
            throw PacketFilterProblem(expression: expression, reason: "there is no memory for it")
        }
        defer { pcap_close(handle) }
        // SAFETY: libpcap copies the expression; the program is freed in `deinit` when it was made.
        guard pcap_compile(handle, &program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            throw PacketFilterProblem(
                expression: expression, linkType: linkType, words: String(cString: pcap_geterr(handle)))
        }
    }

    deinit {
        pcap_freecode(&program)
    }

    /// - Parameters:
    ///   - bytes: of the frame, as captured.
    ///   - length: of the frame on the wire.
    package func matches(_ bytes: Span<UInt8>, length: Int) -> Bool {
        bytes.withUnsafeBufferPointer { pointer in
            // An empty span may have no address, which the interpreter then never reads.
            // SAFETY: the interpreter checks every access against the number of bytes that it is told.
            bpf_filter(program.bf_insns, pointer.baseAddress, UInt32(clamping: length), UInt32(clamping: pointer.count))
                != 0
        }
    }
}

/// One expression for captures whose frames have different link types: compiled for each as it appears.
package struct PacketFilterSet: Sendable {
    package let expression: String
    private var filters: [LinkType: PacketFilter] = [:]
    /// The one used last.
    private var last: PacketFilter?

    /// - Throws: when the expression is wrong for any link type: it is tried for Ethernet first, since mistakes are to be told
    ///   before anything is read.
    package init(_ expression: String) throws(PacketFilterProblem) {
        self.expression = expression
        do throws(PacketFilterProblem) {
            filters[.ethernet] = try PacketFilter(expression, linkType: .ethernet)
        } catch  where !error.isOfLinkType {
            throw error
        } catch {
            // Meaningful for another link type only, such as `inbound` for Linux cooked captures.
        }
    }

    /// - Throws: when the expression cannot be compiled for the frame's link type.
    package mutating func matches(_ frame: CapturedFrame, _ bytes: Span<UInt8>) throws(PacketFilterProblem) -> Bool {
        if let last, last.linkType == frame.linkType { return last.matches(bytes, length: frame.length) }
        let filter: PacketFilter
        if let known = filters[frame.linkType] {
            filter = known
        } else {
            filter = try PacketFilter(expression, linkType: frame.linkType)
            filters[frame.linkType] = filter
        }
        last = filter
        return filter.matches(bytes, length: frame.length)
    }
}

/// Why an expression is no filter. A mistake of the user.
package struct PacketFilterProblem: Error, Hashable, Sendable {
    package let expression: String
    /// In libpcap's words where it found the mistake.
    package let reason: String
    /// The expression is right, and not for this link type.
    package let isOfLinkType: Bool

    init(expression: String, reason: String, isOfLinkType: Bool = false) {
        self.expression = expression
        self.reason = reason
        self.isOfLinkType = isOfLinkType
    }

    /// What libpcap says of a link type that it cannot look into begins in one of these ways (gencode.c).
    init(expression: String, linkType: LinkType, words: String) {
        let isOfLinkType =
            words.contains("not supported on link-layer type") || words.contains("link-layer type filtering not")
            || words.contains("unknown data link type") || words.contains("not supported for link-layer type")
            || words.contains("supported only")
        self.init(
            expression: expression, reason: isOfLinkType ? "\(words) (link type \(linkType))" : words,
            isOfLinkType: isOfLinkType)
    }

    static func name(_ name: String, in expression: String) -> PacketFilterProblem {
        PacketFilterProblem(
            expression: expression,
            reason: "\(name) is a name, and filters take addresses only: look it up (leadsman dns \(name))"
                + " and give its address")
    }
}

extension PacketFilterProblem: CustomStringConvertible {
    package var description: String { "filter \"\(expression)\": \(reason)" }
}

extension LinkType {
    /// The number that libpcap on Linux has for it (DLT_), where that differs from the one in files (pcap-common.c).
    fileprivate var libpcapNumber: Int32 {
        switch rawValue {
        case 100: 11
        case 101: 12
        case 102: 15
        case 103: 16
        default: Int32(clamping: rawValue)
        }
    }
}
