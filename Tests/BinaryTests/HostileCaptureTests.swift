import Foundation
import PacketBuilding
import Testing
import Wire

/// Captures that mean harm: a clear result or a clear refusal, soon and within bounded memory.
@Suite(.serialized) struct HostileCaptureTests {
    private static func write(_ scratch: borrowing Scratch, _ name: String, _ bytes: [UInt8]) throws -> String {
        let path = "\(scratch.path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(
        "What never ends and is no capture is known by its beginning",
        arguments: ["yes | $L pcap -", "$L pcap /dev/zero", "$L pcap - < /dev/urandom"])
    func endless(_ line: String) async throws {
        let run = try await Program.shell(line)
        #expect(run.status == 2 && run.output.isEmpty && run.errors.contains("to mend it: "))
    }

    @Test("A signal ends the wait for a pipe that says no more", arguments: ["$D/fifo", "- < $D/fifo"])
    func silent(_ source: String) async throws {
        let scratch = try Scratch()
        // One byte of a header, and when that was read nothing more.
        let run = try await Program.shell(
            """
            mkfifo $D/fifo && exec 8<>$D/fifo
            $L pcap \(source) --format json & p=$!
            python3 -c "$TALK"
            kill -INT $p; wait $p
            """,
            environment: [
                "D": scratch.path,
                "TALK": """
                import fcntl, os, struct, termios, time
                os.write(8, b"\\xd4")
                while struct.unpack("i", fcntl.ioctl(8, termios.FIONREAD, bytes(4)))[0]: time.sleep(0.01)
                """,
            ])
        #expect(run.status == 130, "\(run.status): \(run.errors)")
        #expect(run.json.text("verdict") == "inconclusive" && run.json["interrupted"] as? Bool == true)
    }

    @Test("So it does where nobody writes to the pipe")
    func alone() async throws {
        let scratch = try Scratch()
        let run = try await Program.shell(
            """
            mkfifo $D/fifo
            $L pcap $D/fifo --format json & p=$!
            until ls -l /proc/$p/fd | grep -q fifo; do sleep 0.02; done
            kill -INT $p; wait $p
            """, environment: ["D": scratch.path])
        #expect(run.status == 130 && run.json["interrupted"] as? Bool == true, "\(run.status): \(run.errors)")
    }

    @Test("Gzip within gzip is refused, and zeros without end behind a header are bounded in memory")
    func gzip() async throws {
        let scratch = try Scratch()
        let path = try Self.write(scratch, "a.pcap", PcapTests.capture().bytes)
        let twice = try await Program.shell("gzip -c \(path) | gzip -c | $L pcap -")
        #expect(twice.status == 2 && twice.errors.contains("twice"))
        // A record of a length that no record has, and a block of 4 GB that is skipped: 200 MB of zeros follow.
        let block: [UInt8] =
            [0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0]
            + [UInt8](repeating: 0xff, count: 8) + [28, 0, 0, 0, 0x77, 0, 0, 0, 0xfc, 0xff, 0xff, 0xff]
        let header = try Self.write(scratch, "block.pcapng", block)
        let bomb = try await Program.shell(
            "(cat \(header); head -c 200M /dev/zero) | gzip -1 > $D/bomb.gz; (ulimit -d 150000; $L pcap $D/bomb.gz --format json)",
            environment: ["D": scratch.path])
        #expect(bomb.status == 0 && bomb.json["truncated"] as? Bool == true, "\(bomb.errors)")
        #expect((bomb.json["problems"] as? [String])?.first?.contains("ends within a block") == true)
    }

    @Test("A capture that was cut anywhere ends in a result or a refusal")
    func cut() async throws {
        let scratch = try Scratch()
        let path = try Self.write(scratch, "whole.pcap", PcapTests.capture().bytes)
        let run = try await Program.shell(
            """
            n=0
            while [ $n -lt 160 ]; do
                head -c $n \(path) > $D/cut; $L pcap $D/cut > $D/out 2> $D/errors; s=$?
                case $s in 0) [ -s $D/out ] || echo "$n: nothing" ;; 2) [ -s $D/errors ] || echo "$n: no reason" ;; *) echo "$n: $s" ;; esac
                n=$((n + 7))
            done
            """, environment: ["D": scratch.path])
        #expect(run.status == 0 && run.output.isEmpty, "\(run.output)")
    }

    @Test("Clocks from one end of time to the other are borne")
    func clocks() async throws {
        let scratch = try Scratch()
        var capture = CaptureBytes()
        for (number, time) in [0, .max, .min, 1_700_000_000_000_000_000, -1, .max, 0].enumerated()
            as EnumeratedSequence<[Int64]>
        {
            for flags in [TCPFlags.syn, .ack, .rst] {
                capture.add(
                    PacketBytes.frame(
                        PacketBytes.tcp("198.18.0.1:40000", "198.18.0.2:80", flags, sequence: UInt32(number * 1000))),
                    at: time)
            }
        }
        let path = try Self.write(scratch, "clocks.pcap", capture.bytes)
        let page = try await Program.run("pcap", path, "--no-color")
        #expect([0, 1].contains(page.status) && page.errors.isEmpty && !page.output.contains("in -"))
        let run = try await Program.run("pcap", path, "--format", "json")
        #expect(run.json["packets"] as? Int == 21)
    }

    /// A name, a path and a host that command a terminal, or are a formula to a spreadsheet.
    private static var hostile: CaptureBytes {
        let evil = Array("=cmd()\u{1b}[31m\u{202e}\r\"".utf8)
        let (client, server): (PacketEndpoint, PacketEndpoint) = ("198.18.0.1:40000", "198.18.0.2:80")
        let query: [UInt8] = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, UInt8(evil.count)] + evil + [0, 0, 1, 0, 1]
        let request = Array("GET /".utf8) + evil + Array(" HTTP/1.1\r\nHost: ".utf8) + evil + Array("\r\n\r\n".utf8)
        let name = [0, 0, UInt8(evil.count)] + evil
        let list: [UInt8] = [0, UInt8(name.count)] + name
        let extensions: [UInt8] = [0, 0, 0, UInt8(list.count)] + list
        let body: [UInt8] =
            [3, 3] + [UInt8](repeating: 9, count: 32) + [0, 0, 2, 0x13, 1, 1, 0, 0, UInt8(extensions.count)]
            + extensions
        let hello: [UInt8] = [22, 3, 1, 0, UInt8(body.count + 4), 1, 0, 0, UInt8(body.count)] + body
        var capture = CaptureBytes()
        for packet in [
            PacketBytes.udp(client, "198.18.0.3:53", query),
            PacketBytes.tcp(client, server, .ack, sequence: 1, acknowledgement: 1, payload: request),
            PacketBytes.tcp(client, "198.18.0.2:443", .ack, sequence: 1, acknowledgement: 1, payload: hello),
        ] { capture.add(PacketBytes.frame(packet), at: 1_700_000_000_000_000_000) }
        return capture
    }

    @Test("What packets say commands neither terminal nor spreadsheet", arguments: ["text", "json", "jsonl", "csv"])
    func names(_ format: String) async throws {
        let scratch = try Scratch()
        let path = try Self.write(scratch, "names.pcap", Self.hostile.bytes)
        for table in ["--dns", "--http", "--tls", "--flows"] {
            let run = try await Program.run("pcap", path, "--format", format, table, "--no-color")
            #expect([0, 1].contains(run.status) && run.errors.isEmpty)
            let isSafe = { (scalar: Unicode.Scalar) in
                scalar == "\n" || format == "csv" && scalar == "\r"
                    || scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
                        && !(0x202a...0x202e).contains(scalar.value)
            }
            #expect(run.output.unicodeScalars.allSatisfy(isSafe), "\(table): \(run.output)")
            if format == "csv" { #expect(!run.output.contains(",=") && !run.output.contains(",\"=")) }
        }
    }
}
