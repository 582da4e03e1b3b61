import Planning
import Synchronization
import Testing

@testable import PlanFile

// On the main thread: long computations on the pool's two threads would hold up tests that measure time.
@MainActor @Suite struct SecretTests {
    private static func references(_ environment: [String: String] = ["A": "alpha", "B": "be ta"]) -> SecretReferences {
        SecretReferences(environment: { environment[$0] }, readFile: { .success(Array("file \($0)\n".utf8)) })
    }

    @Test func references_areReplaced_andRecorded() throws {
        let plan = try Fixture.valid("secrets")
        #expect(plan.checks[0].target.description == "https://a.example/?key=\(Fixture.token)")
        #expect(plan.checks[0].parameters.text("bearer") == Fixture.token)
        let headers = ["X-Key": "key \(Fixture.key)", "X-Literal": "${env:TOKEN} costs $5"]
        #expect(plan.checks[0].parameters.map("headers") == headers)
        #expect(plan.checks[1].parameters.text("basic") == "user:\(Fixture.key)")
        #expect(
            plan.secrets == [
                Secret(reference: "${env:TOKEN}", value: Fixture.token),
                Secret(reference: "${file:/secrets/key}", value: Fixture.key),
            ])
    }

    @Test(arguments: [
        ("plain", "plain", "plain"),
        ("${env:A}", "${env:A}", "alpha"),
        ("<${env:A}|${env:B}>", "<${env:A}|${env:B}>", "<alpha|be ta>"),
        ("$${env:A}", "${env:A}", "${env:A}"),
        ("$$${env:A}", "$${env:A}", "$${env:A}"),
        ("$ {a} $$ $", "$ {a} $$ $", "$ {a} $$ $"),
        ("${file:/a b/c}", "${file:/a b/c}", "file /a b/c"),
        ("é${env:A}é", "é${env:A}é", "éalphaé"),
    ])
    func text_hasAShownAndAUsedForm(_ written: String, _ shown: String, _ value: String) throws {
        var references = Self.references()
        let text = try references.resolve(written)
        #expect(text.shown == shown)
        #expect(text.value == value)
    }

    @Test(arguments: [
        "${", "${}", "${A}", "${env:A", "${env:}", "${file:}", "${ENV:A}", "${env:a b}", "${env:${env:A}}",
    ])
    func malformedReference_isAMistake(_ written: String) {
        var references = Self.references()
        #expect(throws: ReferenceMistake.self) { try references.resolve(written) }
        #expect(references.secrets.isEmpty)
    }

    @Test func onlyOneFinalNewline_isCut() throws {
        let read = { (text: String) in
            var references = SecretReferences(environment: { _ in nil }, readFile: { _ in .success(Array(text.utf8)) })
            return try? references.resolve("${file:/x}").value
        }
        #expect(read("secret\n") == "secret")
        #expect(read("secret\r\n") == "secret")
        #expect(read("secret") == "secret")
        #expect(read("secret\n\n") == nil)
        #expect(read("sec\nret") == nil)
        #expect(read("secret\r") == nil)
        #expect(read("\n") == nil)
    }

    @Test func sameReference_isFetchedOnce() throws {
        let reads = Mutex(0)
        var references = SecretReferences(
            environment: { _ in nil },
            readFile: { _ in
                reads.withLock { $0 += 1 }
                return .success([0x78])
            })
        for _ in 0..<3 { _ = try references.resolve("${file:/x}${file:/x}") }
        #expect(reads.withLock { $0 } == 1)
        #expect(references.secrets.count == 1)
    }

    @Test func secretUsedWithoutEnd_isAMistake() throws {
        var references = Self.references(["A": String(repeating: "s", count: SecretReferences.longestSecret)])
        let often = String(repeating: "${env:A}", count: 2000)
        #expect(throws: ReferenceMistake.self) { try references.resolve(often) }
    }

    @Test func longestSecret_isTaken() throws {
        let value = String(repeating: "s", count: SecretReferences.longestSecret)
        var references = Self.references(["A": value, "B": value + "s"])
        #expect(try references.resolve("${env:A}").value == value)
        #expect(throws: ReferenceMistake.self) { try references.resolve("${env:B}") }
    }
}
