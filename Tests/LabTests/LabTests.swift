import Foundation
import Testing

@testable import LabKit

/// Faulty networks in namespaces, diagnosed by the built binary: all in a lab of root's, and in a lab of an ordinary user's those where rights
/// make a difference and each second of the rest, for the time it takes (`Scripts/lab --matrix --user` runs all).
///
/// Another binary, as the static one of a release: `LEADSMAN_BINARY=/path/to/leadsman`. Where namespaces are not permitted or
/// there is no binary, the tests are reported as skipped, with the reason.
@Suite(.enabled(if: LeadsmanBinary.obstacle == nil, Comment(rawValue: LeadsmanBinary.obstacle ?? "")))
struct ScenarioTests {
    init() { Scratch.removeOrphans() }

    @Test(
        .enabled(if: LabRights.obstacle(.root) == nil, Comment(rawValue: LabRights.obstacle(.root) ?? "")),
        arguments: Scenario.all)
    func scenario_isDiagnosed_asRoot(_ scenario: Scenario) async throws { try await diagnose(scenario, .root) }

    @Test(
        .enabled(if: LabRights.obstacle(.user) == nil, Comment(rawValue: LabRights.obstacle(.user) ?? "")),
        arguments: Scenario.sampledWithoutRights)
    func scenario_isDiagnosed_asOrdinaryUser(_ scenario: Scenario) async throws { try await diagnose(scenario, .user) }

    private func diagnose(_ scenario: Scenario, _ builder: LabBuilder) async throws {
        if let obstacle = scenario.obstacle(builder) { try Test.cancel(Comment(rawValue: obstacle)) }
        let binary = try #require(LeadsmanBinary.path)
        let complaint = try await scenario.runInTurn(binary, builder: builder).complaint
        #expect(complaint == nil, "\(complaint ?? "")")
    }

    @Test func scenarios_haveNamesOfTheirOwn() {
        #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
    }
}

extension Scenario {
    static let sampledWithoutRights = all.enumerated().filter { index, scenario in
        scenario.expectedWithoutRights != nil || index.isMultiple(of: 2)
    }.map(\.element)
}

extension Scenario: CustomTestStringConvertible {
    public var testDescription: String { name }
}

/// The networks themselves, by the tools of the system: a scenario rests on these.
@Suite(.serialized, .enabled(if: LabRights.obstacle(.root) == nil, Comment(rawValue: LabRights.obstacle(.root) ?? "")))
struct LabPlumbingTests {
    private static let connect = """
        import socket, sys
        try:
            socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1).close()
            print("connected")
        except OSError as error:
            print(type(error).__name__, error.errno)
        """

    @Test(arguments: ["198.18.2.2", "fd00:18:2::2"])
    func healthyNetwork_connectsClientAndServer(_ address: String) async throws {
        try await Lab.with(.clientRouterServer) { lab in
            try await lab.apply(.web("s", port: 80))
            #expect(try await Self.connect(lab, address, 80) == "connected")
        }
    }

    @Test(.enabled(if: LabRights.path(of: "ping") != nil, "needs `ping` (apt-get install iputils-ping)"))
    func countedLoss_isExactlyOneInTen() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            try await lab.apply(Scenario.packetLoss.changes)
            let words = ["ping", "-n", "-q", "-c", "50", "-i", "0.01", "-W", "1", "198.18.2.2"]
            let run = try await lab.run(in: "c", words)
            #expect(
                run.output.contains("50 packets transmitted, 45 received, 10% packet loss"),
                "\(run.output)\(run.errors)")
        }
    }

    @Test func filter_dropsOneFamilyOfPortsOnly() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            try await lab.apply(Scenario.filteredDrop.changes)
            #expect(try await Self.connect(lab, "198.18.2.2", 80) == "connected")
            #expect(try await Self.connect(lab, "198.18.2.2", 81) == "TimeoutError None")
            #expect(try await Self.connect(lab, "198.18.2.2", 82) == "ConnectionRefusedError \(ECONNREFUSED)")
        }
    }

    @Test func rejection_isHostUnreachableToTheClient() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            try await lab.apply(Scenario.blockedByRejection.changes)
            #expect(try await Self.connect(lab, "198.18.2.2", 81) == "OSError \(EHOSTUNREACH)")
        }
    }

    @Test func removedRoute_leavesTheClientWithoutOne() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            try await lab.apply(Scenario.noRoute.changes)
            #expect(try await Self.connect(lab, "198.18.2.2", 80) == "OSError \(ENETUNREACH)")
            #expect(try await Self.connect(lab, "fd00:18:2::2", 80) == "connected")
        }
    }

    @Test func dnsFilter_dropsBothTransports() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            try await lab.apply(Scenario.dnsUnreachable.changes)
            #expect(try await Self.connect(lab, "198.18.2.2", 53) == "TimeoutError None")
            #expect(try await Self.connect(lab, "198.18.2.2", 54) == "ConnectionRefusedError \(ECONNREFUSED)")
        }
    }

    @Test func nobody_mayOpenNoICMPSocket_inANewNamespace() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            let open =
                "import socket\nfor t in (2, 3):\n try: socket.socket(2, t, 1); print('open')\n except OSError as e: print(e.errno)"
            let drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
            let run = try await lab.run(in: "c", drop + [LabFiles.python, "-c", open])
            #expect(run.output == "\(EACCES)\n\(EPERM)\n", "\(run.errors)")
        }
    }

    @Test func nothingIsLeft_afterALabThatFailed() async throws {
        var keeper: Int32 = 0
        var directory = ""
        await #expect(throws: LabFailure.self) {
            try await Lab.with(.clientRouterServer) { lab in
                try await lab.apply(.web("s", port: 80))
                (keeper, directory) = (lab.world.keeper, lab.world.scratch.path)
                #expect(lab.world.scratch.keeper == keeper)
                throw LabFailure("on purpose")
            }
        }
        #expect(kill(keeper, 0) != 0)
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    private static func connect(_ lab: Lab, _ address: String, _ port: Int) async throws -> String {
        let run = try await lab.run(in: "c", [LabFiles.python, "-c", connect, address, "\(port)"])
        return run.output.trimmingCharacters(in: .whitespacesAndNewlines) + run.errors
    }
}

@Suite struct ScenarioReportTests {
    private static let report = """
        {"schema": "leadsman/report/v1", "verdict": "failing",
         "checks": [{"name": "open", "status": "passed"}, {"name": "dropped", "status": "failed"}],
         "findings": [{"id": "tcp-filtered-drop"}, {"id": "server-slow"}]}
        """

    @Test func differences_areNone_whenAllIsAsExpected() throws {
        let expected = Scenario.Expected(
            verdict: "failing", exit: 1, must: ["tcp-filtered-drop"], may: ["server-slow"],
            statuses: ["open": "passed", "dropped": "failed"], headline: "tcp-filtered-drop")
        #expect(try ScenarioReport(json: Self.report).differences(from: expected, exit: 1) == [])
    }

    @Test func differences_nameEachThingThatIsWrong() throws {
        let expected = Scenario.Expected(
            verdict: "healthy", exit: 0, must: ["tcp-refused"], statuses: ["open": "failed", "gone": "passed"],
            headline: "tcp-refused")
        #expect(
            try ScenarioReport(json: Self.report).differences(from: expected, exit: 1) == [
                "verdict: failing, expected healthy", "exit status: 1, expected 0",
                "findings that must appear and do not: tcp-refused",
                "findings that must not appear and do: tcp-filtered-drop, server-slow",
                "headline: tcp-filtered-drop, expected tcp-refused",
                "check `gone`: not in the report, expected passed", "check `open`: passed, expected failed",
            ])
    }

    @Test(arguments: ["", "{}", #"{"schema": "leadsman/report/v1"}"#, "[1]"])
    func otherOutput_isNoReport(_ text: String) {
        #expect(throws: (any Error).self) { try ScenarioReport(json: text) }
    }

    @Test func owner_isReadFromTheDirectoryName() {
        #expect(Scratch.owner(of: "leadsman-lab-4242-1") == 4242)
        #expect(Scratch.owner(of: "cni-1234") == nil)
        #expect(Scratch.owner(of: "leadsman-lab-x-1") == nil)
    }
}
