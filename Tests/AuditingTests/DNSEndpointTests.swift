import Auditing
import Diagnosis
import Testing

/// Names that ExternalDNS and CoreDNS are told of, and do not hear.
@Suite struct DNSEndpointTests {
    private static let record = """
        apiVersion: externaldns.k8s.io/v1alpha1
        kind: DNSEndpoint
        metadata: {name: shop, namespace: shop}
        spec:
          endpoints:
          - dnsName: shop.example.com
            recordType: A
            recordTTL: 60
            targets: [198.18.0.9]
        ---

        """

    private static func writer(_ args: String, image: String = "registry.k8s.io/external-dns/external-dns:v0.14.0")
        -> String
    {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: external-dns, namespace: dns}
        spec:
          selector: {matchLabels: {app: d}}
          template:
            metadata: {labels: {app: d}}
            spec:
              containers:
              - name: d
                image: \(image)
                args: \(args)

        """
    }

    private static func places(_ text: String) -> [String] {
        audit(text).filter { $0.id == "dns-name-not-found" }.places
    }

    @Test func withoutTheSource_recordsAreNotRead() {
        #expect(
            Self.places(Self.record + Self.writer("[--source=service, --source=ingress]")) == ["dns-name-not-found:22"])
    }

    @Test func outsideTheZones_recordsAreNotWritten() {
        #expect(
            Self.places(Self.record + Self.writer("[--source=crd, --domain-filter=example.org]"))
                == ["dns-name-not-found:6"])
    }

    @Test(arguments: [
        "[--source=crd]", "[--source=crd, --domain-filter=example.com]",
        "[--source, crd, --domain-filter, example.com]",
        "[--source=crd, --domain-filter=.example.com]",
        "[--source=crd, --regex-domain-filter=x, --domain-filter=a.test]",
        // Settings that stand elsewhere.
        "[--provider=azure]",
    ])
    func aRecordThatIsWritten_isSilent(args: String) { #expect(Self.places(Self.record + Self.writer(args)) == []) }

    @Test func withoutExternalDNS_nothingIsKnown() {
        #expect(Self.places(Self.record) == [])
        #expect(Self.places(Self.record + Self.writer("[--source=service]", image: "web:1")) == [])
    }

    @Test func aKeyThatCoreDNSDoesNotImport_isTold() {
        let map = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: coredns-custom, namespace: kube-system}
            data:
              corp.conf: |
                corp.example:53 { forward . 198.18.0.10 }

            """
        #expect(audit(map).places == ["manifest-api-unknown:5"])
        #expect(audit(map.replacing("corp.conf", with: "corp.server")).places == [])
        #expect(audit(map.replacing("corp.conf", with: "corp.override")).places == [])
    }

    @Test func podsWithFullFramesInAnOverlay_areTold() {
        let installation = """
            apiVersion: operator.tigera.io/v1
            kind: Installation
            metadata: {name: default}
            spec:
              calicoNetwork:
                mtu: 1500
                ipPools: [{cidr: 10.244.0.0/16, encapsulation: VXLAN}]

            """
        #expect(audit(installation).places == ["mtu-mismatch-cni:6"])
        for sound in [("1500", "1450"), ("1500", "8951"), ("VXLAN", "None"), ("    mtu: 1500\n", "")] {
            #expect(audit(installation.replacing(sound.0, with: sound.1)).places == [])
        }
    }
}
