import Foundation
import Testing

@Suite struct SecretTests {
    private static let secret = "Qz9Wx7/Lmv+3Kp=T0kenR4"

    /// Pieces of the secret that would betray it, however it is spelled.
    private static let betrayals: [String] = {
        let bytes = Data(secret.utf8)
        let spellings = [
            secret, secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "",
            bytes.map { String(format: "%02x", $0) }.joined(), bytes.base64EncodedString(),
            Data("user:\(secret)".utf8).base64EncodedString(),
            Data("Basic \(Data("user:\(secret)".utf8).base64EncodedString())".utf8).base64EncodedString(),
        ]
        // Eight characters of it, from the sixth on for those that begin with what is no secret.
        return spellings.flatMap { spelling in
            let characters = Array(spelling)
            let start = spelling.hasPrefix("dXNlc") || spelling.hasPrefix("QmFz") ? 16 : 0
            return (start..<max(start, characters.count - 8)).map { String(characters[$0..<$0 + 8]) }
        }
    }()

    @Test(
        "What a server echoes is shown as the reference, whole or cut, in every format",
        arguments: [["--quiet"], [], ["--verbose"], ["--format", "json"], ["--format", "jsonl"]])
    func echoes(_ options: [String]) async throws {
        let scratch = try Scratch()
        let file = try scratch.file("token", Self.secret + "\n")
        var checks: [String] = []
        var peers: [Peer] = []
        for padding in stride(from: 0, through: 264, by: 11) {
            let peer = try Peer(.echoing(header: padding % 2 == 0 ? "Authorization" : "X-Token", padding: padding))
            peers.append(peer)
            let key = ["bearer: '${env:TOKEN}'", "basic: 'user:${file:\(file)}'"][
                padding % 2 == 0 ? padding / 2 % 2 : 0]
            checks.append(
                """
                  - name: c\(padding)
                    http: http://127.0.0.1:\(peer.port)/
                    \(padding % 2 == 0 ? key : "headers: {X-Token: '${file:\(file)}'}")
                    expect: {body: nowhere, headers: {Server: nobody}}
                """)
        }
        let plan = try scratch.file("plan.yaml", (["leadsman: 1", "checks:"] + checks).joined(separator: "\n"))
        let run = try await Program.shell(
            "exec $L run \(plan) \(options.joined(separator: " "))", environment: ["TOKEN": Self.secret])
        #expect(run.status == 1, "\(run.errors)")
        for betrayal in Self.betrayals {
            #expect(!run.output.contains(betrayal) && !run.errors.contains(betrayal), "\(betrayal)")
        }
        if options != ["--quiet"] { #expect(run.output.contains("${env:TOKEN}")) }
        #expect(peers.count == checks.count)
    }

    @Test("A banner that repeats what was sent shows the reference")
    func banner() async throws {
        let peer = try Peer(.saying(Array("220 hello \(Self.secret) and more\r\n".utf8)))
        let plan =
            "{leadsman: 1, checks: [{name: a, tcp: '127.0.0.1:\(peer.port)', send: '${env:TOKEN}', expect: {banner: nowhere}}]}"
        let run = try await Program.run(
            "run", "-", "--verbose", environment: ["TOKEN": Self.secret], input: plan)
        #expect(run.status == 1 && run.output.contains("${env:TOKEN}"))
        #expect(Self.betrayals.allSatisfy { !run.output.contains($0) })
    }

    @Test(
        "A secret that is missing, unreadable or has a line break is a mistake of the plan",
        arguments: [
            ("${env:LEADSMAN_UNSET}", "not set"), ("${file:/nonexistent}", "cannot be read"), ("${env:TOKEN}", "line"),
        ])
    func unusable(_ reference: String, _ hint: String) async throws {
        let plan = "leadsman: 1\nchecks:\n  - {name: a, http: 'http://127.0.0.1:1/', bearer: '\(reference)'}\n"
        let run = try await Program.run("run", "-", environment: ["TOKEN": "broken\nsecret"], input: plan)
        #expect(run.status == 2 && run.output.isEmpty && run.errors.contains(hint), "\(run.errors)")
        #expect(!run.errors.contains("broken"))
    }
}
