import Foundation
import Testing

/// A name server that means harm, as the binary tells of it: in time, without a control character, and not as a fault of
/// the network. One at a time: each starts a server of its own, and other tests of this target watch the clock.
@Suite(.serialized) struct HostileNamesTests {
    /// Answers each datagram with what `$REPLY`, an expression over the query `d`, makes of it.
    private static let server = """
        import os, socket, struct
        def name(*labels): return b"".join(bytes([len(l)]) + l for l in labels) + b"\\0"
        def rr(owner, kind, data, cls=1, ttl=1): return owner + struct.pack("!HHIH", kind, cls, ttl, len(data)) + data
        def message(d, rcode=0, answers=(), authority=(), additional=(), flags=0x8180):
            end = d.index(b"\\0", 12) + 5
            counts = struct.pack("!4H", 1, len(answers), len(authority), len(additional))
            return d[:2] + struct.pack("!H", flags | rcode) + counts + d[12:end] + b"".join((*answers, *authority, *additional))
        esc = b"\\x1b[31m\\x07\\x00\\x9b\\xff"
        own = b"\\xc0\\x0c"
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.1", 0))
        s.settimeout(8)
        print(s.getsockname()[1], flush=True)
        try:
            while True:
                d, a = s.recvfrom(4096)
                for reply in eval(os.environ["REPLY"]): s.sendto(reply, a)
        except TimeoutError: pass
        """

    private static func run(_ reply: String, _ arguments: String) async throws -> Outcome {
        let scratch = try Scratch()
        return try await Program.shell(
            """
            python3 -c "$SERVER" > $D/port &
            until [ -s $D/port ]; do sleep 0.02; done
            $L dns a.test --server 127.0.0.1:$(cat $D/port) --timeout 600ms \(arguments); s=$?
            kill %1; exit $s
            """, environment: ["D": scratch.path, "SERVER": server, "REPLY": reply])
    }

    @Test(
        arguments: [
            ("a question sent back", "[d]"), ("another id", "[bytes([d[0]^1]) + message(d)[1:]]"),
            ("another opcode", "[message(d, flags=0xa980)]"),
            ("a name that points to itself", "[message(d, answers=[rr(b'\\xc0\\x18', 1, bytes(4))])]"),
            ("a name that points forwards", "[message(d, answers=[rr(b'\\xff\\xff', 1, bytes(4))])]"),
            ("counts that lie", "[message(d)[:6] + b'\\xff' * 6 + message(d)[12:]]"),
            ("data longer than the message", "[message(d, answers=[own + b'\\0\\1\\0\\1\\0\\0\\0\\1\\xff\\xff1234'])]"),
            ("two OPT records", "[message(d, additional=[rr(b'\\0', 41, b'', 1232, 0)] * 2)]"),
            ("records of another name", "[message(d, answers=[rr(name(b'evil', b'test'), 1, bytes(4))])]"),
            ("the header alone", "[message(d)[:12]]"), ("one byte", "[b'x']"), ("nothing", "[b'']"),
            ("a hundred strays", "[os.urandom(200) for _ in range(100)]"),
            ("the largest datagram", "[message(d) [:6] + b'\\0\\1' + bytes(65000)]"),
        ] as [(String, String)])
    func garbage_isNoFaultOfTheNetwork(name: String, reply: String) async throws {
        let start = Date()
        let run = try await Self.run(reply, "--type A --format json")
        #expect(run.status == 1 && run.errors.isEmpty, "\(name): \(run.errors)")
        // A machine at its limits says so beside it.
        let ids = run.json.list("findings").compactMap { $0.text("id") }.filter { $0 != "vantage-throttled" }
        #expect(ids == ["expectation-unmet"], "\(name): \(run.output)")
        #expect(Date().timeIntervalSince(start) < 25)
    }

    @Test(
        arguments: [
            "[message(d, 3, authority=[rr(name(esc), 6, name(esc) + name(esc) + bytes(20))])]",
            "[message(d, 2, additional=[rr(b'\\0', 41, struct.pack('!HHH', 15, 12, 22) + esc, 1232, 0)])]",
            "[message(d, answers=[rr(own, 5, name(esc, esc)), rr(name(esc, esc), 1, bytes(4))])]",
            "[message(d, answers=[rr(own, 16, bytes([len(esc)]) + esc)])]",
            "[message(d, answers=[rr(name(esc), 1, bytes(4))])]", "[esc * 20]", "[d[:2] + esc * 20]",
        ])
    func terminalEscapes_areShownSafely(reply: String) async throws {
        for arguments in ["--type A --type TXT --no-color", "--type A --type TXT --format json"] {
            let run = try await Self.run(reply, arguments)
            let isSafe = { (scalar: Unicode.Scalar) in
                scalar == "\n" || (scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value))
            }
            #expect(run.output.unicodeScalars.allSatisfy(isSafe), "\(run.output)")
            #expect(run.output.contains("a.test") && (run.status == 0 || run.status == 1), "\(run.errors)")
        }
    }

    /// Twenty answers in one: the first that is right counts, and what comes beside it changes nothing.
    @Test func aRightAnswerAmongStrays_isTaken() async throws {
        let run = try await Self.run(
            "[b'x', os.urandom(100), message(d, answers=[rr(own, 1, bytes([127, 0, 0, 9]))]), d]",
            "--type A --format json")
        #expect(run.status == 0 && run.json.list("checks").first?.text("status") == "passed", "\(run.output)")
    }
}
