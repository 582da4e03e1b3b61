"""Ten thousand pods and a thousand NetworkPolicies: audited, and asked who may talk to whom."""
from measure import aim, alternating_runs, heading, line, median, megabytes, metered, seconds

PODS = 10_000
POLICIES = 1_000
NAMESPACES = 100
APPS = 10  # in each namespace, each of PODS / NAMESPACES / APPS pods
ROUNDS = 3
AUDIT = "leadsman audit"
ROWS = "leadsman audit --connectivity"
JSON = "leadsman audit --connectivity --format json"
FLOW = "leadsman audit --connectivity --from --to --port"
DIFF = "leadsman audit --diff"
NAMED = "leadsman audit --connectivity, each pod named by a policy"


def run(tools):
    manifests = tools.folder / "cluster.yaml"
    manifests.write_text(cluster())
    older = tools.folder / "older.yaml"
    older.write_text(cluster(9009))
    named = tools.folder / "named.yaml"
    named.write_text(one_by_one())
    audit = [tools.leadsman, "audit", manifests]
    flow = ["--from", "ns-7/web-3-1", "--to", "ns-7/web-4-0", "--port", "TCP/8080"]
    measures = {
        AUDIT: lambda: metered(tools, audit, (0, 1)),
        ROWS: lambda: metered(tools, audit + ["--connectivity"]),
        JSON: lambda: metered(tools, audit + ["--connectivity", "--format", "json"]),
        FLOW: lambda: metered(tools, audit + ["--connectivity", *flow], (0, 1)),
        DIFF: lambda: metered(tools, [tools.leadsman, "audit", "--diff", older, manifests]),
        NAMED: lambda: metered(tools, [tools.leadsman, "audit", "--connectivity", named]),
    }
    runs = alternating_runs(measures, ROUNDS)
    heading(f"{PODS:,} pods, {POLICIES:,} policies, {megabytes(manifests.stat().st_size)} of YAML: median of {ROUNDS}",
            ("wall", "CPU", "peak memory"))
    for name, costs in runs.items():
        cost = median(costs)
        line(name, seconds(cost.wall), seconds(cost.cpu), megabytes(cost.peak))
    for name, costs in runs.items():
        cost = median(costs)
        aim(f"{name}: under two seconds", seconds(cost.wall), cost.wall < 2)
        aim(f"{name}: under 500 MB", megabytes(cost.peak), cost.peak < 500e6)


def cluster(last=9010):
    """In each namespace a default denial, one policy for each application but one, which takes its neighbour's traffic, names by the
    cluster's DNS, and a range outside."""
    parts = []
    for namespace in range(NAMESPACES):
        name = f"ns-{namespace}"
        parts.append(f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n    team: team-{namespace % 7}\n")
        parts.append(policy(name, "default-deny", "{}", "  policyTypes: [Ingress, Egress]\n"))
        for app in range(APPS):
            if app < POLICIES // NAMESPACES - 1:
                parts.append(policy(name, f"app-{app}", f"{{matchLabels: {{app: app-{app}}}}}", rules(namespace, app, last)))
            for number in range(PODS // NAMESPACES // APPS):
                parts.append(pod(name, namespace, app, number))
    return "---\n".join(parts)


def one_by_one():
    """One namespace, in which each policy names ten pods one by one, and ten that may reach them: no two pods are alike to policies."""
    parts = [pod("one", 0, number % APPS, number) for number in range(PODS)]
    for number in range(POLICIES):
        selected, allowed = (
            ", ".join(f"web-{(number * 10 + place * step) % PODS % APPS}-{(number * 10 + place * step) % PODS}" for place in range(10))
            for step in (1, 7))
        parts.append(policy("one", f"named-{number}", f"{{matchExpressions: [{{key: pod, operator: In, values: [{selected}]}}]}}",
                            "  ingress:\n  - from:\n    - podSelector:\n        matchExpressions:\n"
                            f"        - {{key: pod, operator: In, values: [{allowed}]}}\n    ports: [{{port: 8080}}]\n"))
    return "---\n".join(parts)


def policy(namespace, name, selector, rest):
    return (f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {name}\n  namespace: {namespace}\n"
            f"spec:\n  podSelector: {selector}\n{rest}")


def rules(namespace, app, last):
    return f"""  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {{matchLabels: {{app: app-{(app + 1) % APPS}}}}}
    - namespaceSelector: {{matchLabels: {{team: team-{app % 7}}}}}
      podSelector: {{matchExpressions: [{{key: tier, operator: In, values: [front]}}]}}
    ports: [{{port: http}}, {{protocol: TCP, port: 9000, endPort: {last}}}]
  - from:
    - ipBlock: {{cidr: 10.{namespace}.0.0/16, except: [10.{namespace}.{app}.0/24]}}
  egress:
  - to:
    - podSelector: {{}}
  - to:
    - namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: kube-system}}}}
    ports: [{{protocol: UDP, port: 53}}, {{protocol: TCP, port: 53}}]
"""


def pod(name, namespace, app, number):
    tier = "front" if app == 0 else "back"
    return f"""apiVersion: v1
kind: Pod
metadata:
  name: web-{app}-{number}
  namespace: {name}
  labels:
    app: app-{app}
    tier: {tier}
    pod: web-{app}-{number}
spec:
  nodeName: node-{(app * 10 + number) % 50}
  containers:
  - name: web
    image: registry.example/web:1
    ports:
    - name: http
      containerPort: 8080
    readinessProbe:
      httpGet: {{path: /, port: http}}
status:
  podIP: 10.{128 + namespace // 2}.{namespace % 2 * 100 + app}.{number + 1}
"""
