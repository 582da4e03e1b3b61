import Manifests
import NetValues
import YAML

/// What the API requires of Services, Ingresses, policies, Secrets, and of the metadata of all objects.
enum ServiceParts {
    static func check(_ object: ManifestObject, _ mistakes: inout ObjectMistakes) {
        checkMetadata(object, &mistakes)
        switch (object.group, object.kind) {
        case ("", "Service"):
            checkService(object, &mistakes)
            ServiceDoors.check(object, &mistakes)
        case ("", "Secret"): checkSecret(object, &mistakes)
        case ("networking.k8s.io", "Ingress") where object.apiVersion.hasSuffix("/v1"): checkIngress(object, &mistakes)
        case ("networking.k8s.io", "NetworkPolicy"):
            for mistake in NetworkPolicy(object)?.mistakes ?? [] {
                mistakes.report(mistake.message, ManifestPlace(file: object.file, line: mistake.line))
            }
        default: return
        }
    }

    private static func checkMetadata(_ object: ManifestObject, _ mistakes: inout ObjectMistakes) {
        guard object["metadata", "name"] != nil || object["metadata", "generateName"] != nil else {
            return mistakes.report(
                "metadata.name is missing", object.root.entry("metadata") ?? object.root.entry("kind"))
        }
        guard let name = object["metadata", "name"]?.text, !object.group.hasPrefix("rbac.") else { return }
        let isLabel = ["Service", "Namespace"].contains(object.kind) && object.group.isEmpty
        if !isName(name, dots: !isLabel, most: isLabel ? 63 : 253) {
            mistakes.report(
                "metadata.name must be of a-z, 0-9\(isLabel ? " and `-`" : ", `-` and `.`"), and begin and end with a letter or digit",
                object["metadata", "name"])
        }
        let labels = [object["metadata", "labels"], object["spec", "template", "metadata", "labels"]]
        for entry in labels.flatMap({ $0?.entries ?? [] }) {
            guard let value = entry.value.text, !isLabelValue(value) else { continue }
            mistakes.report(
                "the value of a label is at most 63 letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit",
                object.place(entry))
        }
    }

    private static func isName(_ name: String, dots: Bool, most: Int) -> Bool {
        let bytes = Array(name.utf8)
        let isAlphanumeric = { (byte: UInt8) in (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) }
        guard let first = bytes.first, let last = bytes.last, bytes.count <= most else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2d || dots && $0 == 0x2e }
    }

    private static func isLabelValue(_ value: String) -> Bool {
        let bytes = Array(value.utf8)
        guard let first = bytes.first, let last = bytes.last else { return true }
        let isAlphanumeric = { (byte: UInt8) in
            (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte)
        }
        return bytes.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isAlphanumeric($0) || [0x2d, 0x2e, 0x5f].contains($0) }
    }

    private static func checkService(_ object: ManifestObject, _ mistakes: inout ObjectMistakes) {
        guard let spec = object.spec else { return mistakes.report("spec is missing", object.root.entry("kind")) }
        let type = spec["type"]?.text ?? "ClusterIP"
        if !["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"].contains(type) {
            mistakes.report("spec.type is ClusterIP, NodePort, LoadBalancer or ExternalName", spec["type"])
        }
        let ports = spec["ports"]?.items ?? []
        if type == "ExternalName" {
            if spec["externalName"] == nil {
                mistakes.report("spec.externalName is missing", object.root.entry("spec"))
            }
        } else if ports.isEmpty, spec["clusterIP"]?.text != "None" {
            mistakes.report("spec.ports is missing", object.root.entry("spec"))
        }
        var names = Set<String>()
        var numbers = Set<String>()
        for port in ports where port.isMap {
            guard let number = port["port"] else {
                mistakes.report("a port has no `port`", port)
                continue
            }
            if let value = number.int, !(1...65535).contains(value) {
                mistakes.report("port must be from 1 to 65535", number)
            }
            if PortTransport(port["protocol"]) == nil {
                mistakes.report("protocol is TCP, UDP or SCTP", port["protocol"])
            }
            if let name = port["name"]?.text {
                if !names.insert(name).inserted { mistakes.report("two ports have the same name", port["name"]) }
            } else if ports.count > 1 {
                mistakes.report("of several ports each needs a name", port)
            }
            if !numbers.insert("\(port["protocol"]?.text ?? "TCP")/\(number.text ?? "")").inserted {
                mistakes.report("two ports have the same number and protocol", number)
            }
        }
    }

    /// Values are not shown.
    private static func checkSecret(_ object: ManifestObject, _ mistakes: inout ObjectMistakes) {
        for entry in object["data"]?.entries ?? [] {
            guard let text = entry.value.text, !isBase64(text) else { continue }
            let isPlaceholder = text.hasPrefix("<") && text.hasSuffix(">")
            // The API stops at the first one too.
            return mistakes.report(
                "data[\(entry.key.escaped(limit: 63))] is not base64\(isPlaceholder ? ": a placeholder stands there" : ": put plain text under stringData")",
                object.place(entry))
        }
    }

    private static func isBase64(_ text: String) -> Bool {
        let bytes = text.utf8.filter { $0 != 0x0a && $0 != 0x0d }
        let body = bytes.prefix { $0 != 0x3d }
        let isAllowed = { (byte: UInt8) in
            (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2b || byte == 0x2f
        }
        return bytes.count % 4 == 0 && bytes.count - body.count <= 2 && body.allSatisfy(isAllowed)
            && bytes.dropFirst(body.count).allSatisfy { $0 == 0x3d }
    }

    private static func checkIngress(_ object: ManifestObject, _ mistakes: inout ObjectMistakes) {
        for rule in object["spec", "rules"]?.items ?? [] {
            if let host = rule["host"]?.text, IPAddress(host) != nil || host.contains(":") {
                mistakes.report("host must be a name, without a port", rule["host"])
            }
            for path in rule["http", "paths"]?.items ?? [] where path.isMap {
                guard let type = path["pathType"] else {
                    mistakes.report("a path needs a pathType", path, patch: "pathType: Prefix")
                    continue
                }
                if !["Exact", "Prefix", "ImplementationSpecific"].contains(type.text ?? "") {
                    mistakes.report("pathType is Exact, Prefix or ImplementationSpecific", type)
                } else if type.text != "ImplementationSpecific", path["path"]?.text?.hasPrefix("/") != true {
                    mistakes.report("a path begins with `/`", path["path"] ?? path)
                }
                checkBackend(path["backend"], path, &mistakes)
            }
        }
    }

    private static func checkBackend(_ backend: YAMLNode?, _ path: YAMLNode, _ mistakes: inout ObjectMistakes) {
        guard let backend, backend.isMap else { return mistakes.report("a path needs a backend", path) }
        guard backend["resource"] == nil, let service = backend["service"], service.isMap else { return }
        if service["name"] == nil { mistakes.report("the backend names no service", service) }
        let port = service["port"]
        if (port?["number"] == nil) == (port?["name"] == nil) {
            mistakes.report("the backend's port needs either a number or a name", port ?? service)
        }
    }
}
