import Foundation
import Testing

/// Peers that refuse, stay silent, speak garbage or never stop: a clear outcome each, within the time-out.
@Suite struct PeerTests {
    private static let garbage: [UInt8] = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 91) }
    private static let header = Array("HTTP/1.1 200 OK\r\n".utf8)

    private static func check(_ manner: Peer.Manner, within seconds: Double = 4) async throws {
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
