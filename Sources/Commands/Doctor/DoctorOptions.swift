import ArgumentParser
import NetValues
import Planning

/// What `leadsman doctor` asks beyond this vantage itself.
struct DoctorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Ask this for the internet in place of the usual targets; may be repeated.", valueName: "ADDRESS:PORT|URL"))
    var internet: [InternetSample] = []

    @Flag(name: .customLong("no-internet"), help: "Ask nothing on the internet.")
    var withoutInternet = false

    @Option(
        help: ArgumentHelp(
            "Fetch this page, which tells the public address of whoever asks, and show it.", valueName: "URL"))
    var publicAddress: PageURL?

    @Option(help: ArgumentHelp("Where the cloud's metadata service is.", valueName: "ADDRESS[:PORT]"))
    var metadata: MetadataPlace?

    @Flag(help: "See whether ports that nobody declared get out: opens connections to a few public servers.")
    var egressPorts = false

    @Option(
        help: ArgumentHelp(
            "With --egress-ports: ask this in place of the usual servers; may be repeated.", valueName: "HOST:PORT"))
    var egressTarget: [EgressTarget] = []

    @Option(
        help: ArgumentHelp("With --egress-ports: an address where nothing can answer.", valueName: "ADDRESS:PORT"))
    var egressControl: EgressTarget?

    func validate() throws {
        if withoutInternet, !internet.isEmpty {
            throw ValidationError("--internet and --no-internet exclude each other")
        }
        if !egressPorts, !egressTarget.isEmpty || egressControl != nil {
            throw ValidationError("--egress-target and --egress-control need --egress-ports beside them")
        }
        if internet.count > 64 || egressTarget.count > 64 {
            throw ValidationError("--internet and --egress-target take at most 64 targets each")
        }
    }
}

extension InternetSample: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

struct PageURL: ExpressibleByArgument {
    let url: HTTPURL

    init?(argument: String) {
        guard let url = HTTPURL(argument) else { return nil }
        self.url = url
    }
}

struct MetadataPlace: ExpressibleByArgument {
    let endpoint: Endpoint

    init?(argument: String) {
        guard let endpoint = Endpoint(argument, defaultPort: 80) else { return nil }
        self.endpoint = endpoint
    }
}

struct EgressTarget: ExpressibleByArgument {
    let place: HostPort

    init?(argument: String) {
        guard let place = HostPort(argument) else { return nil }
        self.place = place
    }
}
