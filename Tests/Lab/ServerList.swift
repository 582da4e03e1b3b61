import Foundation
import Synchronization

/// The servers that a lab started, which are its own to end.
final class ServerList: Sendable {
    private struct Server: Sendable {
        let process: Process
        let output: Pipe
    }

    private let servers = Mutex<[Server]>([])

    /// Returns when the server has printed the words that say it listens.
    func start(_ words: [String], untilItPrints sign: String) async throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        servers.withLock { $0.append(Server(process: process, output: output)) }
        let seen = Self.text(from: output.fileHandleForReading.fileDescriptor, until: sign)
        guard seen.contains(sign) else {
            throw LabFailure("\(words.joined(separator: " ")): does not listen after 5 s; it printed: \(seen)")
        }
    }

    private static func text(from descriptor: Int32, until sign: String) -> String {
        let end = Date().addingTimeInterval(5)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while !String(decoding: bytes, as: UTF8.self).contains(sign), bytes.count < 65_536 {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = Int32(max(0, end.timeIntervalSinceNow * 1000))
            guard Glibc.poll(&poll, 1, left) > 0 else { break }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func stop() {
        let all = servers.withLock { servers in
            defer { servers.removeAll() }
            return servers
        }
        for server in all where server.process.isRunning { kill(server.process.processIdentifier, SIGKILL) }
        for server in all {
            server.process.waitUntilExit()
            try? server.output.fileHandleForReading.close()
        }
    }
}
