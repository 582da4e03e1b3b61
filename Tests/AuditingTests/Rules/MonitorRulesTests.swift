import Diagnosis
import Testing

@Suite struct MonitorRulesTests {
    private static let id = "monitor-selects-nothing"

    private static func monitor(
        _ labels: String, port: String, kind: String = "ServiceMonitor", more: String = ""
    ) -> String {
        soundShop + """
            ---
            apiVersion: monitoring.coreos.com/v1
            kind: \(kind)
            metadata: {name: m, namespace: shop}
            spec:
              selector: {matchLabels: {\(labels)}}
              \(kind == "PodMonitor" ? "podMetricsEndpoints" : "endpoints"):
              - port: \(port)
              \(more)

            """
    }

    @Test(arguments: ["ServiceMonitor", "PodMonitor"])
    func labelsOfNobody_arePossible_andAPortOfNobodyIsCertain(kind: String) {
        let none = audit(Self.monitor("app: other", port: "http", kind: kind))
        #expect(none.lines(of: Self.id) == [70] && none.first(Self.id)?.confidence == .possible)
        let port = audit(Self.monitor("app: web", port: "metrics", kind: kind))
        #expect(port.lines(of: Self.id) == [72] && port.first(Self.id)?.confidence == .certain)
        #expect(audit(Self.monitor("app: web", port: "http", kind: kind)).ofServices == [])
    }

    /// What is scraped may be declared elsewhere.
    @Test func aMonitorOfANamespaceThatWasNotRead_isSilent() {
        let text = Self.monitor("app: other", port: "http", more: "namespaceSelector: {matchNames: [monitoring]}")
        #expect(audit(text).ofServices == [])
    }

    @Test func aMonitorForTheLabelsOfPods_isToldWhichServiceWasMeant() {
        let text = Self.monitor("app: web", port: "http").replacing(
            "  labels: {app: web}\nspec:\n  selector", with: "spec:\n  selector")
        let finding = audit(text).first(Self.id)
        #expect(finding?.evidence.first?.contains("has no labels itself") == true)
        #expect(finding?.remedy.first == "add to metadata.labels of Service shop/web: app=web")
    }

    @Test func aNamespaceSelector_isHeeded() {
        let text = Self.monitor("app: web", port: "http").replacing(
            "name: m, namespace: shop", with: "name: m, namespace: monitoring")
        #expect(audit(text).ofServices.isEmpty == false)
        #expect(audit(text + "  namespaceSelector: {any: true}\n").ofServices == [])
    }
}
