import Foundation
import LinuxIO
import Planning

@testable import PlanFile

/// The plans beside these tests, and a reader whose environment and files are made up.
enum Fixture {
    static let token = "s3cr3t-t0ken"
    static let key = "pa55 w/rd"

    static let reader = PlanReader(
        probes: FakeCatalogue.probes, environment: { environment[$0] },
        readFile: { path in
            files[path].map { .success($0) } ?? .failure(UnreadableFile(reason: "No such file or directory"))
        })

    private static let environment = ["TOKEN": token, "EMPTY": "", "TWO_LINES": "s3cr3t\nline"]
    private static let files: [String: [UInt8]] = [
        "/secrets/key": Array("\(key)\n".utf8),
        "/secrets/zero": Array("s3cr3t\0".utf8),
        "/secrets/long": [UInt8](repeating: 0x73, count: 64 << 10 | 1),
        "/secrets/binary": [0x73, 0xff, 0xfe],
    ]

    static func url(_ folder: String) -> URL {
        (Bundle.module.resourceURL ?? Bundle.module.bundleURL).appendingPathComponent("Fixtures/\(folder)")
    }

    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url(folder).path)
            .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func bytes(_ folder: String, _ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: url(folder).appendingPathComponent(name)))
    }

    static func valid(_ name: String) throws -> Plan {
        try reader.read(bytes: try bytes("valid", "\(name).yaml"), file: "\(name).yaml")
    }

    /// The mistakes of a plan, a line each; empty for a plan without any.
    static func mistakes(_ bytes: [UInt8], file: String = "plan.yaml", reader: PlanReader = reader) -> [String] {
        do {
            _ = try reader.read(bytes: bytes, file: file)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    static func mistakes(_ text: String, reader: PlanReader = reader) -> [String] {
        mistakes(Array(text.utf8), reader: reader)
    }
}
