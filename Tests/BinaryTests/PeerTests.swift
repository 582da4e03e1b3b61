import Foundation
import Testing

/// Peers that refuse, stay silent, speak garbage or never stop: a clear outcome each, within the time-out.
@Suite struct PeerTests {
    private static let garbage: [UInt8] = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 91) }
    private static let header = Array("HTTP/1.1 200 OK\r\n".utf8)

    private static func check(_ manner: Peer.Manner, within seconds: Double = 12) async throws {
        let peer = try Peer(manner)
        let plan = """
            leadsman: 1
            defaults: {timeout: 700ms}
            checks:
              - {name: banner, tcp: "127.0.0.1:\(peer.port)", expect: {banner: "^220 ready"}}
              - {name: tls, tls: "127.0.0.1:\(peer.port)"}
              - {name: http, http: "http://127.0.0.1:\(peer.port)/", expect: {body: "nowhere"}}
              - {name: https, http: "https://127.0.0.1:\(peer.port)/"}
              - {name: dns, dns: a.test, type: A, transport: tcp, servers: ["127.0.0.1:\(peer.port)"]}
            """
        let run = try await Program.run("run", "-", "--format", "json", input: plan, seconds: seconds)
        #expect(run.status == 1 && run.errors.isEmpty, "\(run.errors)")
        let checks = run.json.list("checks")
        #expect(checks.map { $0.text("status") } == Array(repeating: "failed", count: 5), "\(checks)")
        #expect(checks.allSatisfy { $0.text("reason") != nil })
    }

    @Test func silence() async throws { try await Self.check(.silent) }
    @Test func closesAtOnce() async throws { try await Self.check(.accepting) }
    @Test func garbage() async throws { try await Self.check(.saying(Self.garbage)) }
    @Test func endlessGarbage() async throws { try await Self.check(.endless(Self.garbage)) }
    @Test func endlessLine() async throws { try await Self.check(.endless(Array(repeating: 0x41, count: 4096))) }
    @Test func endlessHeaders() async throws {
        try await Self.check(.endless(Self.header + Array("X-A: b\r\n".utf8)))
    }

    /// Peak resident memory in KiB, as the kernel tells the parent (getrusage(2)), and what was printed.
    private static func peak(_ words: String...) async throws -> (kibibytes: Int, Outcome) {
        let run = try await Program.shell(
            """
            /usr/bin/python3 -c 'import resource, subprocess, sys
            run = subprocess.run(sys.argv[1:])
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
            sys.exit(run.returncode)' $L \(words.joined(separator: " "))
            """)
        let last = run.errors.split(separator: "\n").last ?? ""
        return (try #require(Int(last), "\(run.errors)"), run)
    }

    /// 16 GiB are announced; a server that means it would send for minutes.
    @Test(
        .serialized,
        arguments: ["Content-Length: 17179869184\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n400000000\r\n", "\r\n"])
    func aBodyOfGigabytes_takesNeitherTimeNorMemory(fields: String) async throws {
        let small = try Peer(.saying(Self.header + Array("Content-Length: 2\r\n\r\nok".utf8)))
        let baseline = try await Self.peak("http", "http://127.0.0.1:\(small.port)/", "--format", "json")
        #expect(baseline.1.status == 0)
        let peer = try Peer(.flooding(Self.header + Array(fields.utf8), Array(repeating: 0x78, count: 1 << 16)))
        let start = ContinuousClock.now
        let flood = try await Self.peak(
            "http", "http://127.0.0.1:\(peer.port)/", "--samples", "3", "--timeout", "20s", "--format", "json")
        #expect(flood.1.json.list("checks").first?.text("status") == "passed", "\(flood.1.errors)")
        #expect(
            flood.kibibytes < baseline.kibibytes + 32 * 1024, "\(flood.kibibytes) against \(baseline.kibibytes) KiB")
        #expect(ContinuousClock.now - start < .seconds(40))
    }

    @Test func aHalfClosedConnection_isAWholeAnswer_orAnEarlyEnd() async throws {
        for (text, status) in [("Content-Length: 2\r\n\r\nok", "passed"), ("Content-Length: 20\r\n\r\nok", "failed")] {
            let peer = try Peer(.halfClosing(Self.header + Array(text.utf8)))
            let run = try await Program.run("http", "http://127.0.0.1:\(peer.port)/", "--format", "json", seconds: 10)
            #expect(run.json.list("checks").map { $0.text("status") } == [status], "\(run.output)")
        }
    }

    @Test("A name server that sends garbage, or nothing, over UDP", arguments: [true, false])
    func datagrams(answers: Bool) async throws {
        let scratch = try Scratch()
        let server = try await Program.shell(
            """
            python3 -c 'import socket,threading
            s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(("127.0.0.1",0)); s.settimeout(5)
            print(s.getsockname()[1],flush=True)
            try:
              while True:
                d,a=s.recvfrom(4096)
                for i in range(20):
                  if \(answers ? "True" : "False"): s.sendto(d[:2]+bytes((i*j+77)%256 for j in range(200)),a)
            except TimeoutError: pass' > $D/port &
            until [ -s $D/port ]; do sleep 0.02; done
            $L dns a.test --type A --server 127.0.0.1:$(cat $D/port) --timeout 700ms --format json; s=$?
            kill %1; exit $s
            """, environment: ["D": scratch.path])
        #expect(server.status == 1 && server.json.list("checks").first?.text("status") == "failed", "\(server.errors)")
    }
}
