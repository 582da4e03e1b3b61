import ArgumentParser
import CaptureFiles
import NetValues

/// What is captured, and for how long.
struct CaptureOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "What is captured, as pcap-filter(7): `tcp port 443 and host 10.0.0.1`.", valueName: "filter"))
    var filter: [String] = []

    @Option(
        name: [.long, .customShort("i")],
        help: ArgumentHelp(
            "The interface, or any for all; that of the default route when not given.", valueName: "name"))
    var interface: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("End after this long; else go on until stopped.", valueName: "span"))
    var span: Span?

    @Option(help: ArgumentHelp("End after so many packets.", valueName: "count"))
    var packets: Int?

    @Option(help: ArgumentHelp("Take so many bytes of each packet, whatever they are.", valueName: "bytes"))
    var snapLength: Int?

    @Flag(help: "Take and keep whole packets: by default what applications say to each other is left out of the file.")
    var payload = false

    @Flag(help: "Take packets for other machines as well, where the network brings them here.")
    var promiscuous = false

    /// Who asks for a length gets it.
    var keepsPayload: Bool { payload || snapLength != nil }

    /// Words joined as tcpdump does.
    var filterText: String { filter.joined(separator: " ") }

    func validate() throws {
        if interface?.isEmpty == true { throw ValidationError("--interface takes the name of an interface") }
        if let packets, packets < 1 { throw ValidationError("--packets takes 1 or more") }
        if let snapLength, !(1...262_144).contains(snapLength) {
            throw ValidationError("--snap-length takes 1 to 262144")
        }
    }
}

/// Where the packets are kept.
struct CaptureFileOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("w")],
        help: ArgumentHelp(
            "Keep the packets in this file (pcap, nanoseconds); - is standard output.", valueName: "file"))
    var write: String?

    @Option(help: ArgumentHelp("Begin a new file after so many bytes, as 10MB; 100MB in a ring.", valueName: "size"))
    var ringSize: ByteSize?

    @Option(help: ArgumentHelp("Begin a new file after this long.", valueName: "span"))
    var ringTime: Span?

    @Option(
        help: ArgumentHelp(
            "Keep so many files, 10 in a ring; the oldest goes when a new one begins.", valueName: "count"))
    var ringFiles: Int?

    private var isRing: Bool { ringSize != nil || ringTime != nil }

    /// A ring is bounded on disk whatever was left open: a gigabyte at most.
    var limits: RingLimits {
        guard isRing else { return RingLimits() }
        return RingLimits(
            bytesPerFile: ringSize?.bytes ?? 100_000_000, timePerFile: ringTime?.duration, files: ringFiles ?? 10)
    }

    func validate() throws {
        if write?.isEmpty == true { throw ValidationError("--write takes the name of a file") }
        if write == nil, isRing || ringFiles != nil {
            throw ValidationError("--ring-size, --ring-time and --ring-files need --write")
        }
        if write == "-", isRing { throw ValidationError("standard output cannot be written in a ring") }
        if ringFiles != nil, !isRing { throw ValidationError("--ring-files needs --ring-size or --ring-time") }
        if let ringFiles, !(1...100_000).contains(ringFiles) {
            throw ValidationError("--ring-files takes 1 to 100000")
        }
    }
}
