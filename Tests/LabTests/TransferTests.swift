import ChildProcesses
import Testing

@testable import LabKit

/// Captures of real transfers, counted by leadsman and by tshark 4.0: all counters are the same, whatever the way did.
@Suite(
    .enabled(if: LeadsmanBinary.obstacle == nil, Comment(rawValue: LeadsmanBinary.obstacle ?? "")),
    .enabled(if: LabRights.obstacle(.root) == nil, Comment(rawValue: LabRights.obstacle(.root) ?? "")))
struct TransferTests {
    @Test(arguments: TransferCondition.all)
    func counts_areTsharks(_ condition: TransferCondition) async throws {
        if let obstacle = TransferCondition.obstacle { try Test.cancel(Comment(rawValue: obstacle)) }
        let binary = try #require(LeadsmanBinary.path)
        let comparisons = try await LabGate.shared.pass(alone: true) { try await condition.compare(binary) }
        #expect(comparisons.flatMap(\.differences) == [])
        // Else agreement would prove nothing.
        for name in ["packets", "flows", "dnsQueries"] + condition.brings {
            #expect(comparisons.contains { $0.ours[name] > 0 }, "\(name)")
        }
    }
}

extension TransferCondition: CustomTestStringConvertible {
    public var testDescription: String { name }
}
