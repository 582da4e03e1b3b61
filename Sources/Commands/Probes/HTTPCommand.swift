import ArgumentParser
import Planning

/// `leadsman http URL...`
struct HTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "Make an HTTP request and show each phase and each redirect.")

    @Argument(help: ArgumentHelp("http:// or https:// URLs.", valueName: "url"))
    var urls: [String]

    @Option(name: [.long, .customShort("X")], help: "The request method.")
    var method: String?

    @Option(
        name: [.long, .customShort("H")],
        help: ArgumentHelp("A request header, as 'Name: value'; may be repeated.", valueName: "header"))
    var header: [String] = []

    @Option(help: ArgumentHelp("The Host header, free of the URL.", valueName: "name"))
    var host: String?

    @Option(help: ArgumentHelp("HOST[:PORT] to connect to in place of the URL's.", valueName: "target"))
    var connectTo: String?

    @Option(help: ArgumentHelp("Ask through this proxy, http://HOST:PORT.", valueName: "url"))
    var proxy: String?

    @Flag(inversion: .prefixedNo, help: "Follow redirects.")
    var follow = true

    @Flag(help: "Make the request at every address of the name.")
    var allAddresses = false

    @OptionGroup var security: SecurityOptions

    @Option(help: ArgumentHelp("The statuses that are right, as 200,3xx.", valueName: "list"))
    var status: String?

    @Option(help: ArgumentHelp("What the body must contain.", valueName: "pattern"))
    var body: String?

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var parameters = security.parameters
        parameters["method"] = method.map { .text($0) }
        parameters["headers"] = try headers().map { .map($0) }
        parameters["host"] = host.map { .text($0) }
        parameters["connectTo"] = connectTo.map { .text($0) }
        parameters["proxy"] = proxy.map { .text($0) }
        parameters["follow"] = follow ? nil : .flag(false)
        parameters["addresses"] = allAddresses ? .text("all") : nil
        let probe = SingleProbe(
            kind: "http", targets: urls, parameters: parameters,
            expectations: [
                "status": status.map { .list($0.split(separator: ",").map(String.init)) },
                "body": body.map { .text($0) },
            ])
        try await probe.run(probing, expect, output)
    }

    private func headers() throws -> [String: String]? {
        var headers: [String: String] = [:]
        for line in header {
            guard let colon = line.firstIndex(of: ":") else {
                throw ValidationError("--header takes 'Name: value', not '\(line)'")
            }
            headers[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return headers.isEmpty ? nil : headers
    }
}
