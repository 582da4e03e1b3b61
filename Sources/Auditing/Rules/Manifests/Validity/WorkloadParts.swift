import Manifests
import NetValues
import YAML

/// What the API requires of what runs pods (apps/v1, batch/v1, core/v1).
struct WorkloadParts {
    private let object: ManifestObject
    private let workload: Workload?

    init(_ object: ManifestObject) {
        self.object = object
        workload = Workload(object)
    }

    func check(_ mistakes: inout ObjectMistakes) {
        switch (object.group, object.kind) {
        case ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "DaemonSet"), ("apps", "ReplicaSet"):
            checkSelector(&mistakes)
            checkContainers(&mistakes)
            checkRestart(&mistakes, allowed: ["Always"], required: false)
        case ("batch", "Job"):
            checkContainers(&mistakes)
            checkRestart(&mistakes, allowed: ["OnFailure", "Never"], required: true)
        case ("batch", "CronJob"):
            if object["spec", "schedule"] == nil {
                mistakes.report("spec.schedule is missing", object.root.entry("spec"))
            }
            checkContainers(&mistakes)
            checkRestart(&mistakes, allowed: ["OnFailure", "Never"], required: true)
        case ("", "Pod"):
            checkContainers(&mistakes)
            checkRestart(&mistakes, allowed: ["Always", "OnFailure", "Never"], required: false)
        default: return
        }
    }

    /// The selector of these kinds chooses the pods of their own template.
    private func checkSelector(_ mistakes: inout ObjectMistakes) {
        let template = object["spec", "template"]
        let labels = workload?.labels ?? [:]
        guard let written = object["spec", "selector"] else {
            let shown = labels.isEmpty ? ["app": object.name] : labels
            let lines = shown.sorted { $0.key < $1.key }.map { "    \($0.key): \(Self.quoted($0.value))" }
            return mistakes.report(
                "spec.selector is missing\(labels.isEmpty ? ", and spec.template.metadata.labels too" : "")",
                object.root.entry("spec"),
                patch: labels.isEmpty
                    ? Self.selectorAndLabels(object.name)
                    : (["spec:", "  selector:", "    matchLabels:"] + lines.map { "  " + $0 }).joined(separator: "\n"))
        }
        guard let selector = LabelSelector(written) else {
            return mistakes.report("spec.selector is no label selector", written)
        }
        guard !selector.selectsEverything else { return mistakes.report("spec.selector is empty", written) }
        guard template != nil, !selector.matches(labels) else { return }
        mistakes.report(
            "spec.selector (\(selector.words)) does not match the labels of spec.template.metadata.labels",
            object.root["spec"]?.entry("selector"))
    }

    private static func selectorAndLabels(_ name: String) -> String {
        """
        spec:
          selector:
            matchLabels:
              app: \(quoted(name))
          template:
            metadata:
              labels:
                app: \(quoted(name))
        """
    }

    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x2d }
        return isPlain && !["true", "false", "null", "yes", "no", "on", "off"].contains(text) && text.first != "-"
            ? text : "\"\(text.filter { $0 != "\"" && $0 != "\\" })\""
    }

    private var podSpec: YAMLNode? { workload?.template.spec }

    private func checkContainers(_ mistakes: inout ObjectMistakes) {
        guard let spec = podSpec else {
            return mistakes.report("the pods have no spec", object.root.entry("spec"))
        }
        let containers = spec["containers"]?.items ?? []
        if containers.isEmpty { mistakes.report("there is no container", spec["containers"] ?? spec) }
        var names: [String: YAMLNode] = [:]
        for container in containers + (spec["initContainers"]?.items ?? []) where container.isMap {
            guard let name = container["name"]?.text else {
                mistakes.report("a container has no name", container)
                continue
            }
            if names.updateValue(container, forKey: name) != nil {
                mistakes.report("two containers have the name \(name.escaped(limit: 63))", container["name"])
            }
            if container["image"] == nil {
                mistakes.report("container \(name.escaped(limit: 63)) has no image", container)
            }
            for port in container["ports"]?.items ?? [] where port.isMap { checkPort(port, &mistakes) }
            for kind in ["livenessProbe", "readinessProbe", "startupProbe"] {
                checkProbe(container[kind], kind, &mistakes)
            }
        }
    }

    private func checkPort(_ port: YAMLNode, _ mistakes: inout ObjectMistakes) {
        guard let number = port["containerPort"] else { return mistakes.report("a port has no containerPort", port) }
        if let value = number.int, !(1...65535).contains(value) {
            mistakes.report("containerPort must be from 1 to 65535", number)
        }
        if let name = port["name"]?.text, !PortName.isValid(name) {
            mistakes.report("a port's name has at most 15 of a-z, 0-9 and `-`, a letter among them", port["name"])
        }
    }

    /// Exactly one way to ask.
    private func checkProbe(_ probe: YAMLNode?, _ name: String, _ mistakes: inout ObjectMistakes) {
        guard let probe, probe.isMap else { return }
        let ways = ["exec", "httpGet", "tcpSocket", "grpc"].filter { probe.entry($0) != nil }
        if ways.count != 1 {
            mistakes.report(
                ways.isEmpty
                    ? "\(name) says not how to ask (httpGet, tcpSocket, grpc or exec)"
                    : "\(name) has two ways to ask (\(ways.joined(separator: ", ")))", probe)
        } else if ways != ["exec"], let way = probe[ways[0]], way.isMap, way["port"] == nil {
            mistakes.report("\(name) has no port", way)
        }
    }

    private func checkRestart(_ mistakes: inout ObjectMistakes, allowed: [String], required: Bool) {
        guard let spec = podSpec else { return }
        guard let policy = spec["restartPolicy"] else {
            guard required else { return }
            // The default is Always, which a Job must not have.
            return mistakes.report(
                "restartPolicy is missing: a \(object.kind) needs OnFailure or Never", podSpecPlace,
                patch: Self.nested(object.kind == "CronJob" ? ["spec", "jobTemplate"] : [], "restartPolicy: OnFailure"))
        }
        guard let word = policy.text, !allowed.contains(word) else { return }
        mistakes.report("restartPolicy of a \(object.kind) is \(allowed.joined(separator: " or "))", policy)
    }

    private static func nested(_ outer: [String], _ line: String) -> String {
        let keys = outer + ["spec", "template", "spec"]
        let heads = keys.enumerated().map { String(repeating: "  ", count: $0.offset) + "\($0.element):" }
        return (heads + [String(repeating: "  ", count: keys.count) + line]).joined(separator: "\n")
    }

    /// The line of the `spec:` that it belongs to.
    private var podSpecPlace: ManifestPlace {
        let path = object.kind == "CronJob" ? ["spec", "jobTemplate", "spec", "template"] : ["spec", "template"]
        return object.place((object.kind == "Pod" ? object.root : object.root[path])?.entry("spec"))
    }
}

extension ObjectMistakes {
    mutating func report(_ message: String, _ entry: YAMLEntry?, patch: String? = nil) {
        report(message, object.place(entry), patch: patch)
    }
}
