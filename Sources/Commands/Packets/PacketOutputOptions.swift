import ArgumentParser
import NetValues
import PacketAnalysis
import Reporting

extension PacketFormat: ExpressibleByArgument {}
extension PacketTable: EnumerableFlag {
    package static func help(for value: PacketTable) -> ArgumentHelp? {
        switch value {
        case .flows: "All conversations, the largest first."
        case .dns: "All DNS questions with their answers."
        case .tls: "All TLS handshakes, QUIC's among them."
        case .http: "All HTTP/1 requests with their answers."
        case .icmp: "All ICMP errors and series of echoes."
        case .arp: "All that claim an address, or asked for one in vain."
        }
    }
}

/// How packets are told, and what makes it a failure: of files and of a live capture.
struct PacketOutputOptions: ParsableArguments {
    @Flag
    var tables: [PacketTable] = []

    @Option(help: ArgumentHelp("At most so many lines of each list.", valueName: "count"))
    var top: Int?

    @Option(name: [.long, .customShort("o")], help: "How the result is written; csv is of one table.")
    var format: PacketFormat = .text

    @Option(help: ArgumentHelp("The least severity that makes the exit status 1.", valueName: "severity"))
    var failOn: FailOn = .error

    @OptionGroup var page: PageOptions

    func validate() throws {
        if let top, top < 1 { throw ValidationError("--top takes 1 or more") }
        if format == .csv, Set(tables).count > 1 {
            throw ValidationError("--format csv is of one table: give one of \(Self.flags)")
        }
    }

    private static let flags = PacketTable.allCases.map { "--\($0.rawValue)" }.joined(separator: ", ")

    func output() -> PacketOutput {
        PacketOutput(
            rendering: PacketRendering(format: format, style: page.style(), tables: tables.unique(), top: top),
            path: page.output, failOn: failOn, showsProgress: page.showsProgress)
    }
}

/// What the analysis cannot know from packets.
struct PacketRangeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Addresses of pods; may be given again.", valueName: "cidr"))
    var podRange: [RangeArgument] = []

    @Option(help: ArgumentHelp("Addresses of Services; may be given again.", valueName: "cidr"))
    var serviceRange: [RangeArgument] = []

    var settings: AnalysisSettings {
        var settings = AnalysisSettings.withReaders
        settings.podRanges = podRange.map(\.range)
        settings.serviceRanges = serviceRange.map(\.range)
        return settings
    }
}

/// `10.244.0.0/16`, `fd00:10::/56`; an address is a range of one.
struct RangeArgument: ExpressibleByArgument {
    let range: AddressRange

    init?(argument: String) {
        guard let range = AddressRange(argument) else { return nil }
        self.range = range
    }
}
