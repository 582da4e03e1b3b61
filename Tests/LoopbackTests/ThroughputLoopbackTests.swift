import LinuxIO
import NetValues
import Observations
import Planning
import ProbeKit
import ProbeTesting
import Synchronization
import Testing
import ThroughputProbe

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

    private func withServer(
        on address: IPAddress, _ change: (inout IperfServer.Limits) -> Void = { _ in },
        _ body: (Endpoint, Reports) async throws -> Void
    ) async throws {
        var limits = IperfServer.Limits()
        change(&limits)
        let reports = Reports()
        let server = try await IperfServer(
            on: [Endpoint(address, 0)], limits: limits, reactor: reactor, told: { reports.add($0) })
        let task = Task(executorPreference: reactor.executor) { await server.run() }
        try await body(try #require(server.endpoints.first), reports)
        task.cancel()
        await task.value
    }

    private func measure(
        _ endpoint: Endpoint, _ parameters: [String: ParameterValue]
    ) async throws -> ThroughputFact {
        var capabilities = Capabilities.scripted(streams: connector, echo: ForbiddenEcho())
        capabilities.bulk = BulkOpener(reactor: reactor, connector: connector)
        let check = Check(
            name: "transfer", kind: "throughput",
            target: .hostPort(HostPort(host: .address(endpoint.address), port: endpoint.port)), timeout: .seconds(20),
            parameters: Parameters(parameters.merging(["duration": .span(.milliseconds(300))]) { old, _ in old }))
        let samples = try await runProbe(
            try ThroughputProbe(check: check), check: check, capabilities: capabilities,
            time: SystemTime(reactor: reactor))
        let facts = samples.flatMap(\.facts).compactMap { if case .throughput(let fact) = $0 { fact } else { nil } }
        return try #require(facts.first)
    }

    @Test(arguments: bothLoopbacks, ["up", "down"]) func tcp_countsTheSameAtBothEnds(
        address: IPAddress, direction: String
    ) async throws {
        try await withServer(on: address) { endpoint, reports in
            let fact = try await measure(
                endpoint, ["direction": .text(direction), "streams": .number(3), "bytes": .text("4MB")])
            #expect(fact.problem == nil && fact.peer == .leadsman && fact.streams == 3)
            let report = try #require(reports.all.first)
            #expect(report.failure == nil && report.parameters?.streams == 3)
            if direction == "up" {
                #expect(fact.bytes == 4_000_000 && report.outcome?.bytes == 4_000_000 && fact.isCutByBytes)
                #expect((fact.sender?.segments ?? 1) > 0)
            } else {
                #expect(fact.bytes >= 4_000_000 && report.results?.bytes == fact.bytes)
                #expect(fact.sender != nil)
            }
        }
    }

    @Test(arguments: bothLoopbacks, ["up", "down"]) func udp_countsDatagrams(
        address: IPAddress, direction: String
    ) async throws {
        try await withServer(on: address) { endpoint, _ in
            let fact = try await measure(
                endpoint,
                [
                    "direction": .text(direction), "transport": .text("udp"), "rate": .text("8Mbit"),
                    "streams": .number(2),
                ])
            let count = try #require(fact.datagrams)
            #expect(fact.problem == nil && count.sent > 20 && count.lost <= count.sent)
        }
    }

    @Test func aSecondClient_isTurnedAway_andAMuteOneKeepsNobodyWaiting() async throws {
        try await withServer(on: bothLoopbacks[0]) { endpoint, _ in
            let mute = try await connector.connect(to: endpoint, source: nil, deadline: .now + .seconds(5))
            // At work: it has said its cookie and nothing more.
            let first = try await measure(endpoint, ["bytes": .text("1MB")])
            #expect(first.problem == nil)
            let busy = try await connector.connect(to: endpoint, source: nil, deadline: .now + .seconds(5))
            let stream = try #require(busy.stream)
            _ = try await stream.write([UInt8](repeating: 0x61, count: 36) + [0], deadline: .now + .seconds(5))
            #expect(try await stream.read(upTo: 1, deadline: .now + .seconds(10)) == .bytes([9]))
            #expect(try await measure(endpoint, [:]).problem == .busy)
            await stream.close()
            await mute.stream?.close()
        }
    }

    @Test func limits_ofTheServer_areKept() async throws {
        try await withServer(on: bothLoopbacks[0], { $0.bytes = 1_000_000 }) { endpoint, reports in
            #expect(try await measure(endpoint, [:]).problem == .terminated)
            #expect(reports.all.first?.failure?.contains("limits") == true)
        }
        try await withServer(on: bothLoopbacks[0], { $0.streams = 2 }) { endpoint, _ in
            #expect(try await measure(endpoint, ["streams": .number(3)]).problem == .serverError(6, 0))
        }
        let others = try #require(AddressRange("198.18.0.0/15"))
        try await withServer(on: bothLoopbacks[0], { $0.allowed = [others] }) { endpoint, reports in
            #expect(try await measure(endpoint, [:]).problem != nil)
            #expect(reports.all.isEmpty)
        }
    }
}
