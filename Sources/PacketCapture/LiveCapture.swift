import CPcap
import LinuxIO
import NetValues
import Observations
import Wire

/// A running capture through libpcap. Not sendable: one isolation opens it, waits on its descriptor by the reactor, and takes
/// what is there, until it lets go of it.
///
/// What it needs: CAP_NET_RAW while it opens, and nothing after. It sends nothing.
package final class LiveCapture {
    package let interface: String
    /// Empty takes everything.
    package let filter: String
    package let linkType: LinkType
    package let snapLength: Int
    /// What libpcap warns of, though the capture runs.
    package let warning: String?
    /// To wait on with the reactor: readable when frames are there.
    package let descriptor: Int32

    private let handle: OpaquePointer
    private let delivery: FrameDelivery
    private var counts = WideCounts()

    package init(_ settings: CaptureSettings) throws(CaptureMistake) {
        interface = settings.interface
        filter = settings.filter
        snapLength = settings.snapLength
        try Self.check(settings.filter)
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_create(settings.interface, &message) else {
            throw .unable(
                Inability(
                    .internalFault, action: "capture on \(settings.interface.escaped(limit: 40))",
                    reason: PacketCapture.text(message), fix: "please report this with the command line"))
        }
        do throws(CaptureMistake) {
            warning = try Self.activate(handle, settings)
            try Self.install(settings.filter, on: handle)
            descriptor = try Self.descriptor(of: handle, settings)
        } catch {
            pcap_close(handle)
            throw error
        }
        self.handle = handle
        linkType = LinkType(rawValue: UInt32(bitPattern: pcap_datalink(handle)))
        delivery = FrameDelivery(
            linkType: linkType, isNanoseconds: pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO)
    }

    deinit {
        pcap_close(handle)
    }

    // MARK: Frames

    /// Hands on what is there, up to `most` frames; answers how many, 0 when the ring is empty.
    /// - Throws: when the interface is gone.
    package func take(upTo most: Int, into taker: any FrameTaking) throws(Inability) -> Int {
        delivery.taker = taker
        defer { delivery.taker = nil }
        let user = Unmanaged.passUnretained(delivery).toOpaque().assumingMemoryBound(to: UInt8.self)
        let count = pcap_dispatch(handle, Int32(clamping: most), deliverFrame, user)
        if count >= 0 { return Int(count) }
        throw .captureBroken(on: interface, String(cString: pcap_geterr(handle)))
    }

    /// Frames that were handed on.
    package var frames: Int { delivery.frames }

    /// What was lost until now. Unknown when the kernel does not say.
    package func drops() -> CaptureDrops {
        var statistics = pcap_stat()
        guard pcap_stats(handle, &statistics) == 0 else { return CaptureDrops() }
        counts.kernel.take(statistics.ps_drop)
        counts.interface.take(statistics.ps_ifdrop)
        return CaptureDrops(kernel: counts.kernel.total, interface: counts.interface.total, isKnown: true)
    }

    /// False while the interface is down, when nothing can come; the capture goes on once it is up again.
    package var isInterfaceUp: Bool { NetworkInterface.isUp(interface) ?? true }
}

// MARK: Opening

extension LiveCapture {
    private static func activate(_ handle: OpaquePointer, _ settings: CaptureSettings) throws(CaptureMistake) -> String?
    {
        pcap_set_snaplen(handle, Int32(clamping: settings.snapLength))
        pcap_set_promisc(handle, settings.isPromiscuous ? 1 : 0)
        pcap_set_buffer_size(handle, Int32(clamping: settings.ringSize))
        pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
        pcap_set_timeout(handle, settings.blockMilliseconds)
        let code = pcap_activate(handle)
        guard code >= 0 else { throw mistake(code, String(cString: pcap_geterr(handle)), settings) }
        // With the interface's number and the direction of each frame, by which copies of one frame can be told.
        if settings.interface == NetworkInterface.any { pcap_set_datalink(handle, DLT_LINUX_SLL2) }
        guard code > 0 else { return nil }
        let text = String(cString: pcap_geterr(handle))
        return text.isEmpty ? String(cString: pcap_statustostr(code)) : text
    }

    private static func mistake(_ code: Int32, _ text: String, _ settings: CaptureSettings) -> CaptureMistake {
        let interface = settings.interface
        switch code {
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
            return .unable(.captureNotPermitted(on: interface, "Operation not permitted (EPERM)"))
        case PCAP_ERROR_NO_SUCH_DEVICE:
            return .wrongRequest(unknown(interface))
        case PCAP_ERROR_IFACE_NOT_UP:
            return .unable(.interfaceDown(interface))
        default:
            let reason = text.isEmpty ? String(cString: pcap_statustostr(code)) : text
            return .unable(
                Inability(
                    .internalFault, action: "capture on \(interface.escaped(limit: 40))",
                    reason: reason.escaped(limit: 200), fix: "please report this with the command line"))
        }
    }

    /// No such interface, with the likeliest wish or those that there are.
    private static func unknown(_ interface: String) -> String {
        let names = ((try? NetworkInterface.all()) ?? []).map(\.name)
        let hint =
            nearestWord(to: interface, among: names).map { ", did you mean '\($0)'?" }
            ?? (names.isEmpty ? "" : "; there are \(names.prefix(20).joined(separator: ", "))")
        return "no interface '\(interface.escaped(limit: 40))'\(hint)"
    }

    /// A mistake in the filter is one with or without the right to capture.
    private static func check(_ filter: String) throws(CaptureMistake) {
        do throws(PacketFilterProblem) {
            _ = try PacketFilterSet(filter)
        } catch {
            throw .wrongRequest(error.description.escaped(limit: 400))
        }
    }

    private static func install(_ filter: String, on handle: OpaquePointer) throws(CaptureMistake) {
        guard !filter.isEmpty else { return }
        var program = bpf_program()
        guard pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            let problem = PacketFilterProblem(expression: filter, reason: String(cString: pcap_geterr(handle)))
            throw .wrongRequest(problem.description.escaped(limit: 400))
        }
        defer { pcap_freecode(&program) }
        guard pcap_setfilter(handle, &program) == 0 else {
            throw .unable(
                Inability(
                    .internalFault, action: "set the filter '\(filter.escaped(limit: 100))'",
                    reason: String(cString: pcap_geterr(handle)).escaped(limit: 200), fix: "use a shorter filter"))
        }
    }

    private static func descriptor(
        of handle: OpaquePointer, _ settings: CaptureSettings
    ) throws(CaptureMistake) -> Int32 {
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        let descriptor = pcap_get_selectable_fd(handle)
        guard pcap_setnonblock(handle, 1, &message) == 0, descriptor >= 0 else {
            throw .unable(
                Inability(
                    .internalFault, action: "wait for frames on \(settings.interface.escaped(limit: 40))",
                    reason: PacketCapture.text(message), fix: "please report this with the command line"))
        }
        return descriptor
    }
}

/// Counters of 32 bits that start anew at their end, as numbers that do not.
private struct WideCounts {
    struct Count {
        private var last: UInt32 = 0
        private(set) var total = 0

        mutating func take(_ value: UInt32) {
            total += Int(value &- last)
            last = value
        }
    }

    var kernel = Count()
    var interface = Count()
}
