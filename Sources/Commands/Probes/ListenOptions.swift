import ArgumentParser
import LinuxIO
import NetValues
import Observations
import Reporting

/// `leadsman throughput --listen`: the other end of transfers.
struct ListenOptions: ParsableArguments {
    @Flag(help: "Be the other end of tests: iperf3's server side.")
    var listen = false

    @Option(help: ArgumentHelp("Who may test: ranges as 10.0.0.0/8,fd00::/8 (everybody).", valueName: "ranges"))
    var allow: AllowedRanges?

    @Option(name: .customLong("for"), help: ArgumentHelp("How long to listen (until interrupted).", valueName: "span"))
    var listeningTime: Span?

    @Option(help: ArgumentHelp("How many tests to serve (any number).", valueName: "count"))
    var tests: Int?

    func validate() throws {
        if !listen, allow != nil || listeningTime != nil || tests != nil {
            throw ValidationError("--allow, --for and --tests go with --listen")
        }
        if let tests, tests < 1 { throw ValidationError("--tests takes 1 or more") }
    }

    /// - Returns: the exit status.
    func run(on place: String?, limits wanted: (span: Duration?, bytes: String?)) async throws -> Int32 {
        let endpoints = try endpoints(place)
        var limits = IperfServer.Limits()
        limits.allowed = allow?.ranges ?? []
        limits.tests = tests
        if let span = wanted.span { limits.span = span }
        if let text = wanted.bytes {
            guard let bytes = Int(byteSize: text) else { throw ValidationError("--bytes takes a size, such as 250MB") }
            limits.bytes = bytes
        }
        do throws(Inability) {
            let reactor = try Instruments.startReactor()
            let server = try await open(endpoints, limits, reactor)
            return await serve(server, reactor, limits)
        } catch {
            complain("\(error)\n  to mend it: \(error.fix)")
            return ExitStatus.unmeasured
        }
    }

    private func open(
        _ endpoints: [Endpoint], _ limits: IperfServer.Limits, _ reactor: Reactor
    ) async throws(Inability) -> IperfServer {
        do throws(SystemCallFailure) {
            return try await IperfServer(on: endpoints, limits: limits, reactor: reactor) { report in
                try? writeAll(ListenText.line(report) + "\n", to: StandardStream.output)
            }
        } catch {
            let place = endpoints.map(\.description).joined(separator: " and ")
            guard error.code == Self.inUse else { throw error.inability(to: "listen on \(place)") }
            throw Inability(
                .addressUnavailable, action: "listen on \(place)", reason: "the port is in use",
                fix: "name another: leadsman throughput --listen 0.0.0.0:5202")
        }
    }

    /// EADDRINUSE
    private static let inUse: Int32 = 98

    private func serve(_ server: IperfServer, _ reactor: Reactor, _ limits: IperfServer.Limits) async -> Int32 {
        try? writeAll(ListenText.head(server.endpoints, limits) + "\n", to: StandardStream.output)
        let time = listeningTime?.duration
        let run = Task(executorPreference: reactor.executor) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await server.run() }
                if let time {
                    group.addTask { try? await reactor.sleep(until: .now + time) }
                }
                await group.next()
                group.cancelAll()
            }
        }
        StopSignals.shared.arm(stop: { run.cancel() }, abandon: {})
        await run.value
        return StopSignals.shared.received.map { 128 + $0 } ?? ExitStatus.healthy
    }

    /// All addresses of both families, unless one is named: a debug pod is tested from elsewhere.
    private func endpoints(_ place: String?) throws -> [Endpoint] {
        let everywhere = [IPAddress("0.0.0.0"), IPAddress("::")].compactMap(\.self)
        guard let place else { return everywhere.map { Endpoint($0, IperfServer.usualPort) } }
        if place.hasPrefix(":"), let port = UInt16(decimal: place.dropFirst()), port > 0 {
            return everywhere.map { Endpoint($0, port) }
        }
        // No port of a target: the kernel chooses one, and the first line says which.
        if place.hasSuffix(":0"), IPAddress(place) == nil,
            case .address(let address)? = HostPort(String(place.dropLast(2)), defaultPort: IperfServer.usualPort)?.host
        {
            return [Endpoint(address, 0)]
        }
        guard let target = HostPort(place, defaultPort: IperfServer.usualPort) ?? HostPort(place),
            case .address(let address) = target.host
        else {
            throw ValidationError("'\(place.escaped(limit: 100))' is no ADDRESS, ADDRESS:PORT or :PORT of this host")
        }
        return [Endpoint(address, target.port)]
    }
}

/// `--allow`
struct AllowedRanges: ExpressibleByArgument {
    let ranges: [AddressRange]

    init?(argument: String) {
        let ranges = argument.split(separator: ",", omittingEmptySubsequences: false).map { AddressRange($0) }
        guard !ranges.isEmpty, ranges.allSatisfy({ $0 != nil }) else { return nil }
        self.ranges = ranges.compactMap(\.self)
    }
}
