import ArgumentParser
import Planning

/// `leadsman dns NAME...`
struct DNSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns", abstract: "Ask DNS servers for names, and show what each of them answers.")

    @Argument(help: ArgumentHelp("Names to ask for.", valueName: "name"))
    var names: [String]

    @Option(
        name: [.long, .customShort("t")], help: ArgumentHelp("Record types, as A,AAAA or TYPE65.", valueName: "types"))
    var type: String?

    @Option(
        name: [.long, .customShort("s")],
        help: ArgumentHelp("A server to ask, as 10.96.0.10 or [fd00::a]:53; may be repeated.", valueName: "address"))
    var server: [String] = []

    @Flag(help: "Ask over TCP.")
    var tcp = false

    @Flag(inversion: .prefixedNo, help: "Apply the search list of resolv.conf.")
    var search: Bool?

    @Option(help: ArgumentHelp("The UDP size to offer by EDNS; 0 for no EDNS.", valueName: "bytes"))
    var edns: Int?

    @Option(
        help: ArgumentHelp(
            "Put so many pairs of A and AAAA questions in four manners (one port, two ports, in turn, TCP), to see which are lost.",
            valueName: "count"))
    var pairs: Int?

    @Option(
        help: ArgumentHelp(
            "Ask so many questions a second, up to 50000, whether answers come or not. It loads the server and all on the way: ask their owner first.",
            valueName: "questions"))
    var rate: Int?

    @Option(name: .customLong("for"), help: ArgumentHelp("The span of --rate, as 10s.", valueName: "span"))
    var rateSpan: Span?

    @Flag(help: "Ask for names made at random, to find a server that has an answer for everything.")
    var randomNames = false

    @Flag(help: "Ask for the names of the addresses in the answers too.")
    var reverse = false

    @Option(help: ArgumentHelp("A TCP port to try at addresses that only some servers give.", valueName: "port"))
    var reach: Int?

    @Option(help: "The response code that must come, as NXDOMAIN.")
    var rcode: String?

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let probe = SingleProbe(
            kind: "dns", targets: names,
            parameters: [
                "type": type.map { .list($0.split(separator: ",").map(String.init)) },
                "servers": server.isEmpty ? nil : .list(server), "transport": tcp ? .text("tcp") : nil,
                "search": search.map { .flag($0) }, "edns": edns.map { .number($0) },
                "pairs": pairs.map { .number($0) }, "rate": rate.map { .number($0) },
                "for": rateSpan.map { .span($0.duration) },
                "randomNames": randomNames ? .flag(true) : nil, "reverse": reverse ? .flag(true) : nil,
                "reach": reach.map { .number($0) },
            ],
            expectations: ["rcode": rcode.map { .text($0.uppercased()) }])
        try await probe.run(probing, expect, output)
    }
}
