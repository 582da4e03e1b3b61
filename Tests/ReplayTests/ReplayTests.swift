import Foundation
import HostileInput
import Testing

/// What the fuzzer found once (Tests/Fuzz/Findings/TARGET), and where it begins, is shown to every target each time.
@MainActor @Suite struct ReplayTests {
    private static let findings = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fuzz/Findings")

    @Test(arguments: FuzzTarget.all.map(\.name))
    func seeds_keepEveryProperty(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        #expect(!target.seeds().isEmpty)
        for seed in target.seeds() { try target.check(seed) }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func seedsCutAtEveryByte_keepEveryProperty(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        for seed in target.seeds() where seed.count <= 1024 {
            for length in seed.indices { try target.check(Array(seed[..<length])) }
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func findings_keepEveryProperty(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        for file in try Self.files(name) {
            let bytes = [UInt8](try Data(contentsOf: file))
            let clock = ContinuousClock()
            let start = clock.now
            #expect(throws: Never.self, "\(file.lastPathComponent)") { try target.check(bytes) }
            // Far above what any takes: those that were found for their slowness took minutes.
            #expect(start.duration(to: clock.now) < .seconds(20), "\(file.lastPathComponent)")
        }
    }

    @Test func everyFolderOfFindings_hasItsTarget() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.findings.path)
        #expect(Set(folders).subtracting(FuzzTarget.all.map(\.name)).isEmpty)
    }

    private static func files(_ name: String) throws -> [URL] {
        let folder = findings.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
    }
}
