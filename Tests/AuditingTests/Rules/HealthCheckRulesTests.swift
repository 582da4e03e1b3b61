import Diagnosis
import Planning
import Testing

@Suite struct HealthCheckRulesTests {
    private static let id = "lb-health-check-misconfigured"
    private static let behind = soundShop.replacing(
        "spec:\n  selector:\n    app: web",
        with: "spec:\n  type: LoadBalancer\n  loadBalancerSourceRanges: [203.0.113.0/24]\n  selector:\n    app: web")
    private static func probing(_ handler: String) -> String {
        soundShop.replacing(
            "          httpGet:\n            path: /ready\n            port: http\n", with: "          \(handler)\n")
    }

    @Test func podsWithoutReadinessBehindABalancer_areTold() throws {
        #expect(audit(Self.behind).lines(of: Self.id) == [])
        let text = Self.behind.replacing(
            "        readinessProbe:\n          httpGet:\n            path: /ready\n            port: http\n", with: "")
        let finding = try #require(audit(text).first(Self.id))
        #expect(finding.location?.line == 15 && finding.severity == .warning && finding.confidence == .certain)
        #expect(finding.patch?.contains("port: 8080") == true)
        // Within the cluster it is their own affair.
        #expect(audit(text.replacing("type: LoadBalancer", with: "type: ClusterIP")).lines(of: Self.id) == [])
    }

    @Test(arguments: [
        ("httpGet: {path: /ready, port: htp}", Finding.Confidence.certain), ("tcpSocket: {port: 80}", .possible),
        ("httpGet: {path: /health, port: 15020}", .likely), ("httpGet: {path: /health, port: 15021}", .likely),
    ])
    func aProbeThatCannotBeMet_isTold(_ handler: String, _ confidence: Finding.Confidence) {
        let found = audit(Self.probing(handler))
        #expect(found.lines(of: Self.id) == [21] && found.first(Self.id)?.confidence == confidence)
    }

    @Test(arguments: [
        "httpGet: {path: /ready, port: http}", "httpGet: {path: /healthz, port: 10254}", "tcpSocket: {port: 8080}",
        "grpc: {port: 8080}", "exec: {command: [a]}",
        "httpGet: {path: /healthz/ready, port: 15021}", "httpGet: {path: /app-health/web/readyz, port: 15020}",
    ])
    func aProbeThatCanBeMet_isSilent(_ handler: String) {
        #expect(audit(Self.probing(handler)).ofServices == [])
    }

    @Test func aPortOfHealthChecksAlone_isSilent_whereThePodSpeaksOfIt() {
        let text = Self.probing("tcpSocket: {port: 3000}").replacing(
            "image: web:1", with: "env: [{name: HEALTH_PORT, value: \"3000\"}]")
        #expect(audit(text).ofServices == [])
    }

    // MARK: pieces of guides

    private static func guide(target: Int, probe: String) -> String {
        """
        # Guide
        ```yaml
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 443, targetPort: \(target)}]}
        ```
        ```yaml
        \(probe)
        ```
        """
    }

    @Test func aPieceThatAsksAnotherPortThanTheServiceBeforeIt_isPossible() {
        let piece = "readinessProbe:\n  httpGet:\n    path: /health\n    port: 8080"
        let found = audit(Self.guide(target: 8443, probe: piece), file: "guide.md")
        #expect(found.lines(of: Self.id) == [12] && found.first(Self.id)?.confidence == .possible)
        #expect(audit(Self.guide(target: 8080, probe: piece), file: "guide.md").ofServices == [])
        #expect(audit(piece).ofServices == [])
    }

    @Test func aPieceThatAsksTheIstioAgent_isPossible() {
        let piece = "livenessProbe:\n  httpGet:\n    path: /health\n    port: 15020"
        #expect(audit(piece).lines(of: Self.id) == [3] && audit(piece).first?.confidence == .possible)
        #expect(audit(piece.replacing("/health", with: "/healthz/ready")).ofServices == [])
    }
}
