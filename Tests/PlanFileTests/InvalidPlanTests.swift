import Foundation
import Planning
import Testing

@testable import PlanFile

/// One invalid plan for each mistake, with the exact words in the `.expected` file beside it.
@MainActor @Suite struct InvalidPlanTests {
    private nonisolated static let names = (try? Fixture.names(in: "invalid")) ?? []

    @Test func fixtures_areThere() {
        #expect(Self.names.count >= 120)
    }

    @Test(arguments: names)
    func mistake_isToldInTheExpectedWords(_ name: String) throws {
        let mistakes = Fixture.mistakes(try Fixture.bytes("invalid", "\(name).yaml"), file: "\(name).yaml")
        let text = mistakes.map { $0 + "\n" }.joined()
        if let folder = ProcessInfo.processInfo.environment["RECORD_PLAN_MISTAKES"] {
            try text.write(toFile: "\(folder)/\(name).expected", atomically: true, encoding: .utf8)
            Issue.record("recorded \(name): run again without RECORD_PLAN_MISTAKES")
            return
        }
        let expected = String(decoding: try Fixture.bytes("invalid", "\(name).expected"), as: UTF8.self)
        #expect(!mistakes.isEmpty)
        #expect(text == expected)
        #expect(!text.contains("s3cr3t"))
        #expect(!text.contains("hunter2"))
    }
}
