import Diagnosis
import Testing

@Suite struct ObservabilityRulesTests {
    private func alert(_ expression: String, more: String = "") -> [Finding] {
        audit(
            """
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata: {name: a}
            spec:
              groups:
              - name: g
                rules:
                - alert: A
                  expr: |-
                    \(expression)
                  for: 5m
            \(more)
            """)
    }

    @Test(arguments: [
        "request_duration_seconds_sum{reporter=\"destination\"} > 1000", "sum by (job) (errors_total) > 5",
        "5 < errors_total",
        "histogram_quantile(0.95, sum(rate(x_seconds_bucket[5m]))) > 2",
        "histogram_quantile(95, sum by (le) (rate(x_bucket[5m]))) > 2",
        "histogram_quantile(0.9, x_bucket) > 2", "rate(errors_total) > 1", "sum(rate(errors_total[5m]) > 1",
        "up{job=\"a} == 0",
        "histogram_quantile(0.95, rate(x_seconds_bucket[5m])) > 2", "up{job=\"edge\"} == 0",
        "a_total > 1 and b_total > 1", "x > 1 or errors_total > 1", "count(errors_total > 1)",
    ])
    func defects(expression: String) {
        #expect(alert(expression).places == ["alert-rule-defective:9"])
    }

    @Test(arguments: [
        "rate(request_duration_seconds_sum[5m]) / rate(request_duration_seconds_count[5m]) > 1",
        "increase(errors_total[5m]) > 5",
        "histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[5m]))) > 2",
        "hybrid_network_latency_seconds > 0.5", "up == 0",
        "histogram_quantile(0.95, sum(rate(x_seconds_bucket[5m])) by (le, job)) > 2",
        "errors_total - errors_total offset 5m > 5",
        "sum(rate(a[5m])) by (x) / on (x) group_left (y) sum(rate(b[5m])) > bool 0.1",
        "max_over_time(rate(a[5m])[1h:5m]) > 1",
        "open_files_count > 100", "job:errors_total:rate5m > 1", "absent(up{job=\"edge\"}) or up{job=\"edge\"} == 0",
        "vector(1)", "x > 1 and errors_total > 1", "errors_total > 5 unless x > 1", "boots_total < 1",
        "histogram_quantile(0.01, sum by (le) (rate(x_seconds_bucket[5m]))) < 604800 and on(job) x_seconds_count > 0",
    ])
    func soundExpressions_areSilent(expression: String) {
        #expect(alert(expression).isEmpty)
    }

    @Test func anAlertOnAbsence_settlesIt() {
        let more = "    - alert: B\n      expr: absent(up{job=\"edge\"})"
        #expect(alert("up{job=\"edge\"} == 0", more: more).isEmpty)
    }

    @Test func patchesAreWhole() {
        #expect(
            alert("histogram_quantile(0.95, rate(x_bucket[5m])) > 2").first?.patch
                == "expr: |-\n  histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m]))) > 2")
        #expect(
            alert("x_sum{a=\"b\"} > 9").first?.patch
                == "expr: |-\n  rate(x_sum{a=\"b\"}[5m]) / rate(x_count{a=\"b\"}[5m]) > 9")
    }

    @Test func aTotal_maybeAGauge() {
        #expect(alert("kube_deployment_status_replicas_total > 5").map(\.confidence) == [.possible])
        #expect(alert("x_sum > 5").map(\.confidence) == [.certain])
    }

    @Test func aLimitOfMilliseconds_isNotKeptForSeconds() {
        let finding = alert("x_seconds_sum > 1000\n        ").first
        #expect(finding?.patch == nil && finding?.remedy.first?.hasSuffix("with a limit in seconds") == true)
        #expect(finding?.evidence == ["expr: x_seconds_sum > 1000"])
    }

    @Test func healthChecks() {
        let script =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  check.sh: |\n    #!/bin/bash\n    # ping is here\n    ping -c 1 host || exit 1\n"
        #expect(audit(script).places == ["health-check-icmp-only:8"])
        #expect(audit(script + "    curl -f http://host/\n").isEmpty)
        #expect(audit(script.replacing("    ping -c 1 host || exit 1\n", with: "    shipping\n")).isEmpty)
    }

    @Test func exports() {
        let export =
            "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ServiceExport\nmetadata: {name: web, namespace: shop}\n"
        #expect(audit(export).isEmpty)
        #expect(audit(export + "spec:\n  ports: [{port: 80}]\n").places == ["multicluster-export-invalid:5"])
        #expect(
            audit(export + "status: {conditions: [{type: Conflict, status: \"True\"}]}\n").ids == [
                "multicluster-export-invalid"
            ])
    }
}
