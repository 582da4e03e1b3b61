import NetValues
import Observations
import Planning

extension DoctorPlan {
    /// The cluster's DNS as programs ask it, and its API. A 401 or 403 shows that it is reached as well as an answer does.
    var cluster: [Check] {
        guard surroundings.cluster.place == .pod else { return [] }
        return clusterDNS + clusterAPI
    }

    /// By its full name, at whatever server of resolv.conf answers first.
    private var clusterDNS: [Check] {
        guard let domain = surroundings.cluster.domain,
            let name = DomainName("kubernetes.default.svc.\(domain.relative).")
        else { return [] }
        return [
            check(
                "cluster dns", "dns", .name(name), .clusterDNS,
                ["type": .list([admits(.v4) ? "A" : "AAAA"]), "search": .flag(false)])
        ]
    }

    private var clusterAPI: [Check] {
        guard let server = surroundings.cluster.apiServer else { return [] }
        // Without the authority's certificate nothing could be said of the server's.
        guard let authority = surroundings.cluster.authorityPath else {
            return [check("cluster api", "tcp", .hostPort(server), .clusterAPI)]
        }
        var parameters: [String: ParameterValue] = [
            "ca": .text(authority), "maxBody": .number(4096), "follow": .flag(false),
        ]
        if let token { parameters["bearer"] = .text(token) }
        let url = HTTPURL(scheme: .https, host: server.host, port: server.port, requestTarget: "/readyz")
        return [
            check(
                "cluster api", "http", .url(url), .clusterAPI, expecting: ["status": .list(["2xx", "401", "403"])],
                parameters)
        ]
    }

    /// One request without a token for a page that holds none, and only to see whether anything answers.
    var metadata: [Check] {
        let usual = Endpoint(
            .v4(IPv4Address(bits: surroundings.cloud?.name == "Alibaba Cloud" ? 0x6464_64c8 : 0xa9fe_a9fe)), 80)
        let place = options.metadata?.endpoint ?? usual
        guard admits(place.address.family) else { return [] }
        let url = HTTPURL(scheme: .http, host: .address(place.address), port: place.port)
        var check = check(
            "metadata service", "http", .url(url), .metadata, expect: .any,
            ["method": .text("HEAD"), "keep": .text("status"), "maxBody": .number(0)])
        check.labels[Check.outboundLabel] = OutboundClass.metadata.rawValue
        check.timeout = .seconds(2)
        return [check]
    }
}
