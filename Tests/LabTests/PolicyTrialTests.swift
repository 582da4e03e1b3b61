import Testing

@testable import LabKit

/// NetworkPolicies as leadsman reads them, and as nftables made from the same policies enforces them.
@Suite(
    .enabled(if: LeadsmanBinary.obstacle == nil, Comment(rawValue: LeadsmanBinary.obstacle ?? "")),
    .enabled(if: LabRights.obstacle(.root) == nil, Comment(rawValue: LabRights.obstacle(.root) ?? "")))
struct PolicyTrialTests {
    @Test func everyPairAndPort_isReachedAsPredicted() async throws {
        let binary = try #require(LeadsmanBinary.path)
        let outcomes = try await LabGate.shared.pass {
            try await PolicyTrial(binary: binary).run(seeds: [1, 2, 3, 4, 5, 6])
        }
        #expect(outcomes.flatMap(\.differences) == [])
        // Five ends, four others each, five ports.
        #expect(outcomes.allSatisfy { $0.flows == 100 })
        #expect(outcomes.count { !$0.seen.isEmpty && $0.seen.count < $0.flows } >= 4, "\(outcomes.map(\.seen.count))")
    }
}
