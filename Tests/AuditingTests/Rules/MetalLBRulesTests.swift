import Auditing
import Diagnosis
import Testing

@Suite struct MetalLBRulesTests {
    private static func pool(_ name: String, _ addresses: String, more: String = "") -> String {
        """
        apiVersion: metallb.io/v1beta1
        kind: IPAddressPool
        metadata:
          name: \(name)
          namespace: metallb-system
          labels: {zone: \(name)}
        spec:
          addresses: [\(addresses)]
        \(more)
        ---

        """
    }

    private static func advertisement(_ spec: String) -> String {
        """
        apiVersion: metallb.io/v1beta1
        kind: L2Advertisement
        metadata: {name: all, namespace: metallb-system}
        spec:
        \(spec)
        ---

        """
    }

    private static func balancer(annotations: String = "", namespace: String = "shop") -> String {
        """
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          namespace: \(namespace)
          annotations: {\(annotations)}
        spec: {type: LoadBalancer, ports: [{port: 443}]}
        ---

        """
    }

    private static let ids: Set<String> = [
        "lb-config-ineffective", "lb-ip-pending", "cidr-overlap", "arp-duplicate-ip",
    ]
    private static func places(_ text: String) -> [String] { audit(text).filter { ids.contains($0.id) }.places }

    private static let sound = pool("default", "198.18.5.0/28") + advertisement("  ipAddressPools: [default]")

    @Test(arguments: [
        sound + balancer(), pool("default", "198.18.5.0/28") + advertisement("  interfaces: [eth0]") + balancer(),
        pool("default", "198.18.5.0/28")
            + advertisement("  ipAddressPoolSelectors: [{matchLabels: {zone: default}}]") + balancer(),
        sound.replacing("kind: L2Advertisement", with: "kind: BGPAdvertisement"),
        sound + balancer(annotations: "metallb.io/address-pool: default"),
        pool("default", "198.18.5.0/28") + pool("b", "198.18.5.16-198.18.5.20") + advertisement("  nodeSelectors: []"),
        // A pool of the kind before says itself how it is announced.
        """
        apiVersion: metallb.io/v1beta1
        kind: AddressPool
        metadata: {name: default, namespace: metallb-system}
        spec: {protocol: layer2, addresses: [198.18.5.0/28]}
        """,
    ])
    func soundPools_areSilent(text: String) { #expect(Self.places(text) == []) }

    @Test func aPoolThatNobodyAnnounces_isTold() {
        let alone = Self.pool("default", "198.18.5.0/28")
        // A file may be a part of what is applied; a guide shows all it speaks of.
        #expect(Self.places(alone) == [])
        let told = audit("```yaml\n\(alone)```\n", file: "guide.md")
        #expect(told.places == ["lb-config-ineffective:9"] && told[0].confidence == .possible)
        #expect(Self.places(alone + (told[0].patch ?? "")) == [])
        let other = Self.sound + Self.pool("edge", "198.18.6.0/28")
        #expect(Self.places(other) == ["lb-config-ineffective:24"] && audit(other).first?.confidence == .likely)
    }

    @Test func anAdvertisementWithASlip_isToldAtItsLine() {
        let text = Self.sound.replacing("ipAddressPools: [default]", with: "ipAddressPools: [defualt]")
        #expect(Self.places(text) == ["lb-config-ineffective:15"])
    }

    @Test func aPoolThatIsNotThere_orForOthers_leavesTheServicePending() {
        let named = Self.sound + Self.balancer(annotations: "metallb.io/address-pool: defualt")
        #expect(Self.places(named) == ["lb-ip-pending:22"] && audit(named).first?.confidence == .likely)
        let only = Self.sound.replacing(
            "addresses: [198.18.5.0/28]", with: "addresses: [198.18.5.0/28]\n  serviceAllocation: {namespaces: [stock]}"
        )
        #expect(Self.places(only + Self.balancer()) == ["lb-ip-pending:18"])
        #expect(Self.places(only + Self.balancer(namespace: "stock")) == [])
        let asked = Self.sound.replacing(
            "addresses: [198.18.5.0/28]", with: "addresses: [198.18.5.0/28]\n  autoAssign: false")
        #expect(Self.places(asked + Self.balancer()) == ["lb-ip-pending:18"])
        #expect(Self.places(asked + Self.balancer(annotations: "metallb.io/address-pool: default")) == [])
        #expect(Self.places(asked + Self.balancer(annotations: "metallb.io/loadBalancerIPs: 198.18.5.3")) == [])
        // Another controller's.
        #expect(
            Self.places(asked + Self.balancer().replacing("{type:", with: "{loadBalancerClass: x.test/y, type:")) == [])
    }

    @Test func poolsThatOverlap_areTold() {
        let text = Self.sound + Self.pool("b", "198.18.5.10-198.18.5.30") + Self.advertisement("  interfaces: [a]")
        #expect(Self.places(text) == ["cidr-overlap:24"])
        let cluster = """
            apiVersion: kubeadm.k8s.io/v1beta3
            kind: ClusterConfiguration
            networking: {podSubnet: 10.244.0.0/16, serviceSubnet: 198.18.0.0/16}

            """
        #expect(Self.places(Self.sound + cluster) == ["cidr-overlap:8"])
        #expect(Self.places(Self.sound + cluster.replacing("198.18.0.0/16", with: "10.96.0.0/12")) == [])
    }
}
