import NetValues

/// Where the vantage stands, as its own files and variables say: nothing of it was asked over the network.
package struct VantageSurroundings: Hashable, Sendable {
    package var cluster = ClusterSigns()
    /// Nil where nothing says that this is a cloud's machine.
    package var cloud: CloudSigns?
    package var proxies = ProxySettings()

    package init() {}

    /// This is a pod with a network of its own. What its node may reach is another matter.
    package var isIsolatedPod: Bool { cluster.place == .pod && cluster.usesHostNetwork != true }
}

/// What shows whether this is a part of a Kubernetes cluster.
package struct ClusterSigns: Hashable, Sendable {
    package enum Place: String, Hashable, Sendable { case pod, node, outside }

    package var place = Place.outside
    /// What says so, each in a few words.
    package var signs: [String] = []
    package var namespace: String?
    package var pod: String?
    package var node: String?
    /// KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.
    package var apiServer: HostPort?
    /// The file with the authority of the API server's certificate.
    package var authorityPath: String?
    /// The file with the service account's token, which is not kept here.
    package var tokenPath: String?
    /// Why the token is not used, without a word of it; nil where it is, and where there is none.
    package var tokenProblem: String?
    /// `cluster.local`, from a search list with `svc.` in it.
    package var domain: DomainName?
    /// Nil where neither is shown.
    package var usesHostNetwork: Bool?

    package init() {}
}

/// What the firmware says of who runs this machine.
package struct CloudSigns: Hashable, Sendable {
    /// `Azure`
    package var name: String
    /// `sys_vendor: Amazon EC2`
    package var sign: String

    package init(name: String, sign: String) {
        self.name = name
        self.sign = sign
    }
}

/// The variables by which programs are told to use a proxy. There is no standard: each program reads them in its own way.
package struct ProxySettings: Hashable, Sendable {
    package struct Variable: Hashable, Sendable {
        package var name: String
        /// Without credentials.
        package var shown: String

        package init(name: String, shown: String) {
            self.name = name
            self.shown = shown
        }
    }

    /// A proxy that a variable names.
    package struct Proxy: Hashable, Sendable {
        package var variable: String
        package var place: HostPort
        /// USER:PASSWORD: never to be shown.
        package var credentials: String?

        package init(variable: String, place: HostPort, credentials: String?) {
            self.variable = variable
            self.place = place
            self.credentials = credentials
        }
    }

    package var variables: [Variable] = []
    /// For `http` and for `https`; nil also where the proxy is of a kind that cannot be asked here.
    package var http: Proxy?
    package var https: Proxy?
    /// NO_PROXY, entry by entry.
    package var exceptions: [String] = []
    /// What some programs make something else of, or nothing.
    package var traps: [String] = []

    package init() {}

    package var isEmpty: Bool { variables.isEmpty }
    package var any: Proxy? { https ?? http }
}
