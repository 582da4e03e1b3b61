import Foundation
import Glibc
import NetValues
import Testing

/// The program on a terminal of its own (pty(7)).
@Suite(.timeLimit(.minutes(1))) struct TerminalTests {
    private let terminal: PseudoTerminal

    init() throws {
        terminal = try PseudoTerminal(columns: 80, rows: 24)
    }

    private static let enter = "\u{1b}[?1049h"
    private static let leave = "\u{1b}[?1049l"

    /// What stands behind the end of the screen: the report.
    private static func after(_ text: String) -> String {
        guard let range = text.range(of: leave, options: .backwards) else { return "" }
        return String(text[range.upperBound...])
    }

    private func view(_ arguments: String..., environment: [String: String] = [:]) throws {
        try terminal.start(
            Program.path, ["ping", "--live", "127.0.0.1", "--interval", "50ms"] + arguments, environment: environment)
    }

    /// Waits for a picture with packets; a machine without ping sockets shows none.
    private func waitForPackets() async throws {
        try await terminal.wait { $0.contains("127.0.0.1") && $0.contains("HEALTHY") }
    }

    @Test("The view opens; q ends it, gives the terminal back as it was, and prints the report")
    func quit() async throws {
        let before = terminal.modes
        try view()
        try await waitForPackets()
        #expect(terminal.text.hasPrefix(Self.enter) && terminal.modes != before)
        terminal.type("q")
        let status = try await terminal.outcome()
        #expect(status == 0)
        #expect(terminal.modes == before)
        #expect(Self.after(terminal.text).contains("the check passed"))
    }

    @Test(
        "Ctrl-C and SIGTERM: the same, with their status",
        arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
    func stopped(_ signal: Int32, _ status: Int32) async throws {
        let before = terminal.modes
        try view()
        try await waitForPackets()
        if signal == SIGINT { terminal.type("\u{3}") } else { terminal.signal(signal) }
        #expect(try await terminal.outcome() == status)
        #expect(terminal.modes == before)
        #expect(Self.after(terminal.text).contains("the check passed"))
    }

    @Test(
        "A signal that ends the process at once leaves the terminal as it was", arguments: [SIGQUIT, SIGABRT, SIGHUP])
    func killed(_ signal: Int32) async throws {
        let before = terminal.modes
        try view(environment: ["SWIFT_BACKTRACE": "enable=no"])
        try await waitForPackets()
        terminal.signal(signal)
        #expect(try await terminal.outcome() == 1000 + signal)
        #expect(terminal.modes == before && terminal.text.contains(Self.leave))
    }

    @Test("Stopped by Ctrl-Z the terminal is the shell's as before; it goes on where it was")
    func suspended() async throws {
        let before = terminal.modes
        let line = """
            set -m; "$L" ping --live 127.0.0.1 --interval 50ms; echo stopped; read -r; fg; echo status $?
            """
        try terminal.start("/bin/bash", ["-c", line], environment: ["L": Program.path])
        try await waitForPackets()
        #expect(terminal.modes != before)
        terminal.type("\u{1a}")
        try await terminal.wait { $0.contains("stopped\r\n") }
        #expect(terminal.modes == before && terminal.text.contains(Self.leave))
        let seen = terminal.text.count
        terminal.type("\n")
        try await terminal.wait { $0.dropFirst(seen).contains("q quit") }
        #expect(terminal.modes != before)
        terminal.type("q")
        #expect(try await terminal.outcome() == 0)
        #expect(terminal.modes == before && terminal.text.contains("status 0"))
    }

    @Test("A new size is drawn at once, and none is too small", arguments: [(1, 1), (20, 3), (200, 60)])
    func resized(_ columns: Int, _ rows: Int) async throws {
        try view()
        try await waitForPackets()
        let seen = terminal.text.count
        terminal.resize(columns: columns, rows: rows)
        // Everything is drawn anew, down to the last line.
        try await terminal.wait {
            $0.dropFirst(seen).contains("\u{1b}[\(rows);1H") && $0.dropFirst(seen).contains("\u{1b}[1;1H")
        }
        terminal.type("?dpq")
        #expect(try await terminal.outcome() == 0)
    }

    @Test("No view where none is wanted: a poor terminal, a document, a quiet run")
    func none() async throws {
        for (words, environment) in [
            (["--duration", "300ms"], ["TERM": "dumb"]), (["--duration", "300ms", "--format", "json"], [:]),
            (["--duration", "300ms", "--quiet"], [:]), (["--duration", "300ms", "--every", "100ms"], [:]),
        ] as [([String], [String: String])] {
            let terminal = try PseudoTerminal(columns: 80, rows: 24)
            try terminal.start(
                Program.path, ["ping", "--live", "127.0.0.1", "--interval", "50ms"] + words, environment: environment)
            #expect(try await terminal.outcome() == 0)
            #expect(!terminal.text.contains(Self.enter), "\(words)")
        }
    }

    @Test("NO_COLOR takes the colours and nothing else")
    func colourless() async throws {
        try view(environment: ["NO_COLOR": "1"])
        try await waitForPackets()
        terminal.type("q")
        #expect(try await terminal.outcome() == 0)
        #expect(terminal.text.contains(Self.enter) && !terminal.text.contains("\u{1b}[1;32m"))
    }

    @Test("Without a terminal: pages on standard output, and the report at the end")
    func pages() async throws {
        let run = try await Program.run(
            "ping", "--live", "127.0.0.1", "--interval", "50ms", "--every", "200ms", "--duration", "1s")
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(run.output.components(separatedBy: "target ").count > 2)
        #expect(run.output.contains("the check passed") && !run.output.contains("\u{1b}"))
    }
}
