import Manifests
import NetValues
import YAML

/// What a Service says of the load balancer in front of it, in the words of each cloud.
extension DeclaredService {
    var isLoadBalancer: Bool { kind == .loadBalancer }

    /// An address of the own network: by annotation, by the address asked for, or by the one that was given.
    var isInternal: Bool {
        if object.annotations.contains(where: Self.saysInternal) { return true }
        let asked = object.spec?["loadBalancerIP"]?.text.flatMap { IPAddress($0) }
        let addresses = givenAddresses
        return asked.map { !$0.isOfInternet } ?? (!addresses.isEmpty && !addresses.contains(where: \.isOfInternet))
    }

    /// Of its status: what the load balancer got.
    var givenAddresses: [IPAddress] {
        (object["status", "loadBalancer", "ingress"]?.items ?? []).compactMap {
            $0["ip"]?.text.flatMap { IPAddress($0) }
        }
    }

    private static func saysInternal(_ key: String, _ value: String) -> Bool {
        switch key {
        case "service.beta.kubernetes.io/aws-load-balancer-internal": ["true", "0.0.0.0/0"].contains(value)
        case "service.beta.kubernetes.io/aws-load-balancer-scheme": value == "internal"
        case "cloud.google.com/load-balancer-type", "networking.gke.io/load-balancer-type":
            value.lowercased() == "internal"
        case "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": value == "private"
        case "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": value == "intranet"
        case "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": true
        default: key.contains("load") && key.contains("internal") && value.lowercased() == "true"
        }
    }

    /// Clients that are let in: of the field, and of the annotations that stand for it. Empty is everybody.
    var sourceRanges: [String] {
        let annotations = [
            "service.beta.kubernetes.io/load-balancer-source-ranges",
            "service.beta.kubernetes.io/azure-allowed-ip-ranges",
            "service.beta.kubernetes.io/azure-allowed-service-tags",
        ]
        let written = annotations.compactMap { object.annotations[$0] }.flatMap { $0.split(separator: ",") }
        return (object.spec?["loadBalancerSourceRanges"]?.texts ?? [])
            + written.map { String($0.filter { $0 != " " }) }.filter { !$0.isEmpty }
    }

    var isOpenToAll: Bool {
        let ranges = sourceRanges
        return ranges.isEmpty || ranges.contains { ["0.0.0.0/0", "::/0", "Internet"].contains($0) }
    }

    /// The load balancer itself ends TLS, or speaks it, for some port.
    var endsTLSAtLoadBalancer: Bool {
        object.annotations.contains { key, value in
            let key = key.lowercased()
            return ["ssl", "tls", "certificate", "backend-protocol", "app-protocols"].contains(where: key.contains)
                && !value.isEmpty && value.lowercased() != "false"
        }
    }

    var webPorts: [Port] { ports.filter { $0.transport == .tcp && !$0.isTLS && $0.isPlainWeb } }
    var hasTLSPort: Bool { ports.contains(where: \.isTLS) }

    /// The line of the cause: `type: LoadBalancer`.
    var typePlace: ManifestPlace { object.place(object.spec?.entry("type")) }
}

extension DeclaredService.Port {
    var isTLS: Bool {
        transport == .tcp
            && ([443, 8443, 9443, 6443].contains(number) || saysTLS(name) || saysTLS(appProtocol))
    }

    var saysTLSByName: Bool { saysTLS(name) || saysTLS(appProtocol) }

    private func saysTLS(_ word: String?) -> Bool {
        guard let word = word?.lowercased() else { return false }
        return word == "tls" || word.hasPrefix("https") || word.hasPrefix("tls-") || word.hasSuffix("-tls")
            || word.hasSuffix("/wss") || word == "websecure"
    }

    fileprivate var isPlainWeb: Bool {
        [80, 8000, 8008, 8080, 8081, 8888, 3000, 5000].contains(number) || name == "http"
            || name?.hasPrefix("http-") ?? false || appProtocol == "http"
    }

    /// What speaks to anybody who knows a password, or to anybody at all.
    var store: String? {
        guard transport == .tcp else { return nil }
        return Self.stores[number]
    }

    private static let stores: [UInt16: String] = [
        1433: "SQL Server", 2049: "NFS", 2181: "ZooKeeper", 2375: "Docker", 2379: "etcd", 3306: "MySQL", 3389: "RDP",
        445: "SMB", 5432: "PostgreSQL", 5672: "AMQP", 6379: "Redis", 8500: "Consul", 9042: "Cassandra", 9092: "Kafka",
        9200: "Elasticsearch", 10250: "the kubelet", 11211: "memcached", 27017: "MongoDB",
    ]
}
