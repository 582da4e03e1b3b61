import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing
import ThroughputProbe
import Wire

/// The probe against this program's own listening side, over real sockets.
@Suite(.onReactor) struct ThroughputLoopbackTests {
    private let reactor: Reactor
    private let connector: TCPConnector

    init() throws {
        reactor = try Reactor()
        connector = TCPConnector(reactor: reactor)
    }

    private final class Reports: Sendable {
        private let list = Mutex<[IperfServer.Report]>([])

        var all: [IperfServer.Report] { list.withLock { $0 } }
        func add(_ report: IperfServer.Report) { list.withLock { $0.append(report) } }
    }

    /// What the body gives, and what the server said of its tests when it is over.
    private func withServer<Value: Sendable>(
        on address: IPAddress, limits: IperfServer.Limits = IperfServer.Limits(),
        _ body: (Endpoint) async throws -> Value
    ) async throws -> (Value, [IperfServer.Report]) {
        let reports = Reports()
        let server = try await IperfServer(
            on: [Endpoint(address, 0)], limits: limits, reactor: reactor, told: { reports.add($0) })
        let task = Task(executorPreference: reactor.executor) { await server.run() }
        let value = try await body(try #require(server.endpoints.first))
        task.cancel()
        await task.value
        return (value, reports.all)
    }

    private func measure(
        _ endpoint: Endpoint, _ parameters: [String: ParameterValue]
    ) async throws -> ThroughputFact {
        let run = try await run(endpoint, parameters)
        if let interruption = run.interruption { throw interruption }
        let facts = run.samples.flatMap(\.facts).compactMap {
            if case .throughput(let fact) = $0 { fact } else { nil }
        }
        return try #require(facts.first)
    }

    private func run(
        _ endpoint: Endpoint, _ parameters: [String: ParameterValue]
    ) async throws -> (samples: [Sample], interruption: ProbeInterruption?) {
        var capabilities = Capabilities.scripted(streams: connector, echo: ForbiddenEcho())
        capabilities.bulk = BulkOpener(reactor: reactor, connector: connector)
        let check = Check(
            name: "transfer", kind: "throughput",
            target: .hostPort(HostPort(host: .address(endpoint.address), port: endpoint.port)), timeout: .seconds(20),
            parameters: Parameters(parameters.merging(["duration": .span(.milliseconds(300))]) { old, _ in old }))
        return await recordProbe(
            try ThroughputProbe(check: check), check: check, capabilities: capabilities,
            time: SystemTime(reactor: reactor))
    }

    @Test(arguments: bothLoopbacks, ["up", "down"]) func tcp_countsTheSameAtBothEnds(
        address: IPAddress, direction: String
    ) async throws {
        let (fact, reports) = try await withServer(on: address) { endpoint in
            try await measure(
                endpoint, ["direction": .text(direction), "streams": .number(3), "bytes": .text("4MB")])
        }
        #expect(fact.problem == nil && fact.peer == .leadsman && fact.streams == 3, "\(fact) \(reports)")
        let report = try #require(reports.first)
        #expect(report.failure == nil && report.parameters?.streams == 3)
        if direction == "up" {
            #expect(fact.bytes == 4_000_000 && report.outcome?.bytes == 4_000_000 && fact.isCutByBytes)
        } else {
            #expect(fact.bytes == 4_000_000 && report.results?.bytes == fact.bytes && fact.sender != nil)
        }
    }

    @Test(arguments: bothLoopbacks, ["up", "down"]) func udp_countsDatagrams(
        address: IPAddress, direction: String
    ) async throws {
        let (fact, _) = try await withServer(on: address) { endpoint in
            try await measure(
                endpoint,
                [
                    "direction": .text(direction), "transport": .text("udp"), "rate": .text("8Mbit"),
                    "streams": .number(2),
                ])
        }
        let count = try #require(fact.datagrams)
        #expect(
            fact.problem == nil && count.sent > 20 && count.lost.map { (0...count.sent).contains($0) } == true,
            "\(fact)")
    }

    @Test func aSecondClient_isTurnedAway_andAMuteOneKeepsNobodyWaiting() async throws {
        let (interruption, _) = try await withServer(on: bothLoopbacks[0]) { endpoint in
            let mute = try await connector.connect(to: endpoint, source: nil, deadline: .now + .seconds(5))
            // At work from its cookie on; it says nothing more.
            let first = try await connector.connect(to: endpoint, source: nil, deadline: .now + .seconds(5))
            let stream = try #require(first.stream)
            _ = try await stream.write([UInt8](repeating: 0x61, count: 36) + [0], deadline: .now + .seconds(5))
            let state = try await stream.read(upTo: 1, deadline: .now + .seconds(10))
            #expect(state == .bytes([9]))
            let second = try await run(endpoint, [:]).interruption
            await stream.close()
            await mute.stream?.close()
            return second
        }
        guard case .unable(let inability) = interruption else {
            Issue.record("\(String(describing: interruption))")
            return
        }
        #expect(inability.code == .serverBusy)
    }

    @Test func limits_ofTheServer_areKept() async throws {
        var limits = IperfServer.Limits()
        limits.bytes = 1_000_000
        let (bytes, reports) = try await withServer(on: bothLoopbacks[0], limits: limits) { endpoint in
            try await measure(endpoint, [:])
        }
        #expect(bytes.problem == .terminated)
        #expect(reports.first?.failure?.contains("limits") == true)
        limits.streams = 2
        let (streams, _) = try await withServer(on: bothLoopbacks[0], limits: limits) { endpoint in
            try await measure(endpoint, ["streams": .number(3)])
        }
        #expect(streams.problem == .serverError(6, 0))
        limits.allowed = [try #require(AddressRange("198.18.0.0/15"))]
        let (refused, none) = try await withServer(on: bothLoopbacks[0], limits: limits) { endpoint in
            try await measure(endpoint, [:])
        }
        #expect(refused.problem != nil && none.isEmpty)
    }
}
