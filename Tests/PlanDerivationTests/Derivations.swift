import DNSProbe
import Foundation
import HTTPProbe
import LinuxIO
import ManifestFiles
import Manifests
import PlanDerivation
import PlanFile
import Planning
import ProbeKit
import TCPProbe
import TLSProbe
import Testing
import UDPProbe

/// A plan derived from a manifest that is written in a test.
func derive(_ text: String, as role: String, file: String = "a.yaml", most: Int = PlanDerivation.mostChecks) throws
    -> DerivedPlan
{
    let state = DeclaredState(ManifestReader.read(Array(text.utf8), file: file))
    let parts = role.split(separator: "/").map(String.init)
    let vantage = try #require(state.index(ofWorkload: DeclaredState.Name(parts[0], parts[1])), "no workload \(role)")
    return PlanDerivation.plan(state, as: vantage, mostChecks: most)
}

/// As `leadsman run` reads it: with all that the probes themselves say of a check. A secret that a plan asks for is a mistake here.
func read(_ plan: DerivedPlan) throws -> Plan {
    let probes = [
        DNSProbe.description, TCPProbe.description, TLSProbe.description, HTTPProbe.description, UDPProbe.description,
    ]
    let reader = PlanReader(
        probes: probes, environment: { _ in nil }, readFile: { _ in .failure(UnreadableFile(reason: "none here")) },
        validate: { check in
            do throws(PlanProblem) {
                switch check.kind {
                case "dns": _ = try DNSProbe(check: check)
                case "tcp": _ = try TCPProbe(check: check)
                case "tls": _ = try TLSProbe(check: check)
                case "http": _ = try HTTPProbe(check: check)
                default: _ = try UDPProbe(check: check)
                }
                return nil
            } catch {
                return error
            }
        })
    return try reader.read(text: plan.text, file: "derived.yaml")
}

enum Fixture {
    static func text(_ path: String) throws -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try String(decoding: Data(contentsOf: tests.appendingPathComponent(path)), as: UTF8.self)
    }
}

extension DerivedPlan {
    /// "tcp db.shop.svc.cluster.local:5432 blocked"
    var lines: [String] {
        checks.map { check in
            let isBlocked = check.keys.contains { $0.key == "expect" && $0.value == .word("blocked") }
            return "\(check.kind) \(check.target)\(isBlocked ? " blocked" : "")"
        }
    }

    func check(_ target: String, _ kind: String = "tcp") throws -> DerivedCheck {
        try #require(checks.first { $0.target == target && $0.kind == kind }, "no \(kind) check of \(target): \(lines)")
    }
}
