/// Manifests of every kind that rules look at, for the targets that read them whole.
enum ManifestSeeds {
    static var all: [[UInt8]] {
        [policies, list, mesh, alerts, ingress, gateways, addresses, system, monitors, guide, script, merged].map {
            Array($0.utf8)
        }
    }

    private static let policies = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: a, namespace: shop}
        spec:
          podSelector: {matchLabels: {app: web}}
          policyTypes: [Ingress, Egress]
          ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}], ports: [{port: http, protocol: TCP}]}]
          egress: [{to: [{namespaceSelector: {}, podSelector: {matchExpressions: [{key: a, operator: In, values: [b]}]}}], ports: [{port: 80, endPort: 90}]}]
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: b, ports: [{name: http, containerPort: 80}], readinessProbe: {httpGet: {path: /, port: http}}}]}}}
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {env: prod, pod-security.kubernetes.io/enforce: restricted}}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop, annotations: {a: b}}
        spec: {type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}, {port: 443, targetPort: 8443, nodePort: 30000}]}
        """

    private static let list = """
        {"kind": "List", "apiVersion": "v1", "items": [{"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"ports": [{"port": 80, "targetPort": "http"}]}}, {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p", "ownerReferences": [{"kind": "ReplicaSet", "name": "p", "controller": true}]}, "spec": {"hostNetwork": true, "nodeName": "n", "containers": []}, "status": {"podIP": "10.0.0.1", "phase": "Running"}}]}
        """

    private static let mesh = """
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: a}
        spec: {hosts: [a], gateways: [g, mesh], http: [{match: [{headers: {a: {exact: b}}, uri: {prefix: /}}], route: [{destination: {host: a, subset: v1, port: {number: 80}}, weight: 10}, {destination: {host: b}, weight: 80}], timeout: 1s, retries: {attempts: 3, perTryTimeout: 2s}, fault: {abort: {percentage: {value: 100}}}}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: a}
        spec: {host: a, trafficPolicy: {tls: {mode: DISABLE}, outlierDetection: {consecutive5xxErrors: 1}}, subsets: [{name: v1, labels: {version: v1}}]}
        ---
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: istio-system}
        spec: {mtls: {mode: STRICT}, portLevelMtls: {80: {mode: PERMISSIVE}}}
        ---
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: z}
        spec: {action: ALLOW, selector: {matchLabels: {a: b}}, rules: [{from: [{source: {principals: ["cluster.local/ns/a/sa/b"]}}], to: [{operation: {methods: [GET]}}]}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: s}
        spec: {hosts: [x.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}], endpoints: [{address: 198.18.0.1}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: Gateway
        metadata: {name: g}
        spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: ["*"]}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: s}
        spec: {egress: [{hosts: ["./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}
        """

    private static let alerts = """
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata: {name: a}
        spec: {groups: [{rules: [{alert: A, for: 5m, expr: "histogram_quantile(0.9, sum by (le) (rate(a_bucket{b=\\"c\\"}[5m]))) > 2", labels: {severity: page}}, {record: b, expr: "1"}]}]}
        """

    private static let ingress = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: i, namespace: shop, annotations: {nginx.ingress.kubernetes.io/ssl-redirect: "true", nginx.ingress.kubernetes.io/canary-weight: "110"}}
        spec: {ingressClassName: nginx, tls: [{hosts: [a.example.com], secretName: s}], rules: [{host: a.example.com, http: {paths: [{path: /a, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}, {path: "/(.*)", pathType: Exact, backend: {service: {name: none, port: {name: http}}}}]}}]}
        ---
        {apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}
        ---
        {apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: s, namespace: shop}, data: {tls.crt: QQ==, tls.key: QQ==}}
        """

    private static let gateways = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: g, namespace: infra}
        spec: {gatewayClassName: c, listeners: [{name: https, port: 443, protocol: HTTPS, hostname: "*.example.com", tls: {certificateRefs: [{name: s, namespace: shop}]}, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {a: b}}}}}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: r, namespace: shop}
        spec: {parentRefs: [{name: g, namespace: infra, sectionName: https}], hostnames: [a.example.com], rules: [{matches: [{path: {type: PathPrefix, value: /}, headers: [{name: a, value: b}]}], filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}], backendRefs: [{name: web, port: 80, weight: 1}, {name: x, namespace: y, port: 0}]}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: r, namespace: shop}
        spec: {from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}], to: [{group: "", kind: Secret}]}
        """

    private static let addresses = """
        apiVersion: metallb.io/v1beta1
        kind: IPAddressPool
        metadata: {name: p, namespace: metallb-system}
        spec: {addresses: [198.18.0.0/24, 198.18.0.9-198.18.0.1, "fd00:18::/64"]}
        ---
        {apiVersion: metallb.io/v1beta1, kind: L2Advertisement, metadata: {name: l}, spec: {ipAddressPools: [p]}}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: config, namespace: metallb-system}, data: {config: "address-pools:\\n- name: a\\n  protocol: layer2\\n  addresses: [198.18.0.0/31]\\n"}}
        ---
        {apiVersion: externaldns.k8s.io/v1alpha1, kind: DNSEndpoint, metadata: {name: d}, spec: {endpoints: [{dnsName: a.example.com, recordTTL: 60, recordType: A, targets: [198.18.0.1]}]}}
        ---
        {apiVersion: multicluster.x-k8s.io/v1alpha1, kind: ServiceExport, metadata: {name: web, namespace: shop}}
        ---
        {apiVersion: multicluster.x-k8s.io/v1alpha1, kind: ServiceImport, metadata: {name: web, namespace: shop}, spec: {type: ClusterSetIP, ports: [{port: 80}]}}
        """

    private static let system = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: coredns, namespace: kube-system}
        data:
          Corefile: |
            .:53 {
                errors
                kubernetes cluster.local in-addr.arpa ip6.arpa { pods insecure }
                forward . /etc/resolv.conf
                cache 30
                loop
            }
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: kubeadm-config, namespace: kube-system}, data: {ClusterConfiguration: "networking: {podSubnet: 10.0.0.0/8, serviceSubnet: 10.96.0.0/12, dnsDomain: cluster.local}"}}
        ---
        {apiVersion: v1, kind: Node, metadata: {name: n}, spec: {podCIDR: 10.0.0.0/24, taints: []}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}], conditions: [{type: Ready, status: "False"}]}}
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e, namespace: shop, labels: {kubernetes.io/service-name: web}}, addressType: IPv4, ports: [{port: 80, name: http}], endpoints: [{addresses: [10.0.0.1], conditions: {ready: false}, zone: a}]}
        ---
        {apiVersion: v1, kind: Endpoints, metadata: {name: web, namespace: shop}, subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]}
        ---
        {apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {metadata: {labels: {a: b}}, spec: {dnsPolicy: None, dnsConfig: {nameservers: [1.2.3.4], options: [{name: ndots, value: "9"}]}, containers: [{name: a, command: [curl, "http://web.shop:8080/"], env: [{name: A, value: "postgres://u:p@db.shop:5432"}]}]}}}}}}
        ---
        {apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c}, spec: {endpointSelector: {}}}
        ---
        {apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: a}, spec: {priority: 1, subject: {namespaces: {}}}}
        ---
        {apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, metadata: {name: o}, spec: {meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}, values: {global: {network: n}}}}
        """

    private static let monitors = """
        apiVersion: monitoring.coreos.com/v1
        kind: ServiceMonitor
        metadata: {name: m, namespace: shop}
        spec: {selector: {matchLabels: {app: web}}, namespaceSelector: {any: true}, endpoints: [{port: metrics, path: /metrics, interval: 30s}]}
        ---
        apiVersion: monitoring.coreos.com/v1
        kind: PodMonitor
        metadata: {name: m}
        spec: {selector: {}, podMetricsEndpoints: [{port: metrics, targetPort: 1}]}
        """

    private static let guide = """
        # Guide
        ```yaml
        apiVersion: v1
        kind: Service
        metadata: {name: a}
        spec: {selector: {app: none}, ports: [{port: 80}]}
        ```
          1. in a list
             ~~~~ {.yaml}
             readinessProbe: {tcpSocket: {port: 1}}
             ~~~~
        ```bash
        kubectl create namespace shop
        kubectl label namespace shop a=b
        kubectl apply -f - <<-'EOF'
        	kind: Pod
        	EOF
        ```
        """

    private static let script = """
        cat <<EOF | kubectl apply -f -
        {apiVersion: v1, kind: Pod, metadata: {name: p, labels: {app: web}}, spec: {containers: [{name: c}]}}
        EOF
        """

    private static let merged = """
        apiVersion: v1
        kind: Service
        metadata: &m {name: a, labels: &l {app: a, app: b}}
        spec: &s {selector: *l, ports: [&p {port: 80}, {<<: *p, port: 81, name: "\\e[31m\\n"}, {<<: [*p, *l]}]}
        apiVersion: v1
        kind: Endpoints
        metadata: {<<: *m, name: "a\\u2028b"}
        subsets: *s
        """
}
