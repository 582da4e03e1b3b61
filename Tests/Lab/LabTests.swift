import Foundation
import Synchronization
import Testing

/// Faulty networks in namespaces, diagnosed by the built binary.
///
/// To run: as root on a machine with iproute2, nftables and python3, `swift build --product leadsman`, then
/// `swift test --filter LabTests`. Another binary, as the static one of a release: `LEADSMAN_BINARY=/path/to/leadsman`.
/// Where namespaces are not permitted or there is no binary, the tests are reported as skipped, with the reason.
///
/// One scenario at a time: two cores are few, and the packet loss scenario counts packets against the clock.
@Suite(.serialized, .enabled(if: LabRights.obstacle == nil, LabRights.explanation))
struct LabTests {
    @Suite(.enabled(if: LeadsmanBinary.obstacle == nil, Comment(rawValue: LeadsmanBinary.obstacle ?? "")))
    struct Scenarios {
        @Test(.timeLimit(.minutes(2)), arguments: Scenario.all)
        func scenario_isDiagnosed(_ scenario: Scenario) async throws {
            await Lab.removeOrphans()
            let binary = try #require(LeadsmanBinary.path)
            let difference = try await scenario.run(binary)
            #expect(difference == nil, "\(difference ?? "")")
        }
    }
}

/// The networks themselves, by the tools of the system: a scenario rests on these.
@Suite(.serialized, .enabled(if: LabRights.obstacle == nil, LabRights.explanation))
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
            for change in Scenario.packetLoss.changes { try await lab.apply(change) }
            let words = lab.inside("c", ["ping", "-n", "-q", "-c", "50", "-i", "0.01", "-W", "1", "198.18.2.2"])
            let run = try await CommandRun.run(words)
            #expect(
                run.output.contains("50 packets transmitted, 45 received, 10% packet loss"),
                "\(run.output)\(run.errors)")
        }
    }

    @Test func filter_dropsOneFamilyOfPortsOnly() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            for change in Scenario.filteredDrop.changes { try await lab.apply(change) }
            #expect(try await Self.connect(lab, "198.18.2.2", 80) == "connected")
            #expect(try await Self.connect(lab, "198.18.2.2", 81) == "TimeoutError None")
            #expect(try await Self.connect(lab, "198.18.2.2", 82) == "ConnectionRefusedError \(ECONNREFUSED)")
        }
    }

    @Test func rejection_isHostUnreachableToTheClient() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            for change in Scenario.blockedByRejection.changes { try await lab.apply(change) }
            #expect(try await Self.connect(lab, "198.18.2.2", 81) == "OSError \(EHOSTUNREACH)")
        }
    }

    @Test func removedRoute_leavesTheClientWithoutOne() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            for change in Scenario.noRoute.changes { try await lab.apply(change) }
            #expect(try await Self.connect(lab, "198.18.2.2", 80) == "OSError \(ENETUNREACH)")
            #expect(try await Self.connect(lab, "fd00:18:2::2", 80) == "connected")
        }
    }

    @Test func dnsFilter_dropsBothTransports() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            for change in Scenario.dnsUnreachable.changes { try await lab.apply(change) }
            #expect(try await Self.connect(lab, "198.18.2.2", 53) == "TimeoutError None")
            #expect(try await Self.connect(lab, "198.18.2.2", 54) == "ConnectionRefusedError \(ECONNREFUSED)")
        }
    }

    @Test func nobody_mayOpenNoICMPSocket_inANewNamespace() async throws {
        try await Lab.with(.clientRouterServer) { lab in
            let open =
                "import socket\nfor t in (2, 3):\n try: socket.socket(2, t, 1); print('open')\n except OSError as e: print(e.errno)"
            let drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
            let run = try await CommandRun.run(lab.inside("c", drop + ["/usr/bin/python3", "-c", open]))
            #expect(run.output == "\(EACCES)\n\(EPERM)\n", "\(run.errors)")
        }
    }

    @Test func nothingIsLeft_afterALabThatFailed() async throws {
        // Other suites have labs of their own at the same time.
        var own: [String] = []
        await #expect(throws: LabFailure.self) {
            try await Lab.with(.clientRouterServer) { lab in
                try await lab.apply(.web("s", port: 80))
                own = ["c", "r", "s"].map(lab.namespace)
                #expect(Set(Lab.namespaces()).isSuperset(of: own))
                throw LabFailure("on purpose")
            }
        }
        #expect(Set(Lab.namespaces()).isDisjoint(with: own))
    }

    private static func connect(_ lab: Lab, _ address: String, _ port: Int) async throws -> String {
        let run = try await CommandRun.run(lab.inside("c", ["python3", "-c", connect, address, "\(port)"]))
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

    @Test func owner_isReadFromTheNamespaceName() {
        #expect(LabName.owner(of: "lsm-4242-1-c") == 4242)
        #expect(LabName.owner(of: "cni-1234") == nil)
        #expect(LabName.owner(of: "lsm-x-1-c") == nil)
    }
}
