import ArgumentParser
import Planning

/// `leadsman tls HOST:PORT...`
struct TLSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tls", abstract: "Shake hands by TLS and look at the certificates.")

    @Argument(help: ArgumentHelp("HOST:PORT, [v6]:PORT, or a range as 198.18.0.0/28:22,443.", valueName: "target"))
    var targets: [String]

    @OptionGroup var security: SecurityOptions

    @Option(help: ArgumentHelp("The lowest version to offer: 1.0, 1.1, 1.2 or 1.3.", valueName: "version"))
    var minVersion: String?

    @Option(help: ArgumentHelp("The highest version to offer.", valueName: "version"))
    var maxVersion: String?

    @Option(help: ArgumentHelp("Protocols to offer by ALPN, as h2,http/1.1.", valueName: "names"))
    var alpn: String?

    @Option(help: ArgumentHelp("The certificate must be valid for at least this long, as 14d.", valueName: "span"))
    var validFor: Span?

    @OptionGroup var expect: ExpectOptions
    @OptionGroup var ranges: RangeOptions
    @OptionGroup var probing: ProbeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var parameters = security.parameters
        parameters["minVersion"] = minVersion.map { .text($0) }
        parameters["maxVersion"] = maxVersion.map { .text($0) }
        parameters["alpn"] = alpn.map { .list($0.split(separator: ",").map(String.init)) }
        let probe = SingleProbe(
            kind: "tls", targets: targets, parameters: parameters,
            expectations: ["validFor": validFor.map { .span($0.duration) }], ranges: ranges)
        try await probe.run(probing, expect, output)
    }
}

/// Whom to trust and who we are, for kinds that speak TLS.
struct SecurityOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The name to send by SNI and to find in the certificate.", valueName: "name"))
    var serverName: String?

    @Option(
        help: ArgumentHelp("A file or folder of trusted CA certificates, in place of the system's.", valueName: "path"))
    var ca: String?

    @Option(help: ArgumentHelp("The client certificate, PEM.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The client certificate's key, PEM.", valueName: "file"))
    var key: String?

    var parameters: [String: ParameterValue?] {
        [
            "serverName": serverName.map { .text($0) }, "ca": ca.map { .text($0) },
            "certificate": certificate.map { .text($0) },
            "key": key.map { .text($0) },
        ]
    }
}
