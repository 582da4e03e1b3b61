// swift-tools-version: 6.2
import PackageDescription

// The readers of foreign bytes, compiled anew with coverage and the address sanitizer, and libFuzzer around them (Scripts/fuzz).
// `Sources`, `Probes` and `Support` are links: what is fuzzed is what ships, without products in the root package for it.

let probes = ["DNS", "TCP", "TLS", "HTTP", "ICMP", "UDP"]
let contract: [Target.Dependency] = ["NetValues", "Wire", "Planning", "Observations"]

let package = Package(
    name: "fuzz",
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .target(name: "NetValues"),
        .target(name: "JSON", dependencies: ["NetValues"]),
        .target(name: "YAML", dependencies: ["NetValues"]),
        .target(name: "Wire", dependencies: ["NetValues", "JSON"]),
        .target(name: "Manifests", dependencies: ["NetValues", "YAML", "JSON"]),
        .target(name: "Connectivity", dependencies: ["NetValues", "YAML", "Manifests"]),
        .target(name: "Planning", dependencies: ["NetValues"]),
        .target(name: "Observations", dependencies: ["NetValues", "Wire", "Planning"]),
        .target(name: "ProbeKit", dependencies: contract),
        .target(name: "Diagnosis", dependencies: contract + ["YAML", "Manifests", "Connectivity"]),
        .target(
            name: "Auditing",
            dependencies: [
                "NetValues", "JSON", "YAML", "Wire", "Planning", "Manifests", "Connectivity", "Diagnosis",
            ]),
        .target(
            name: "PlanDerivation", dependencies: ["NetValues", "YAML", "Planning", "Manifests", "Connectivity"]),
        .target(name: "Scenarios", dependencies: ["NetValues", "Planning"]),
        .target(
            name: "Reporting", dependencies: contract + ["JSON", "Diagnosis", "Manifests", "Connectivity", "Scenarios"]),
        .target(name: "PacketAnalysis", dependencies: ["NetValues", "Wire", "Observations"]),
        .target(name: "LinuxIO", dependencies: ["NetValues", "Wire", "Observations", "ProbeKit", "CLinux"]),
        .target(name: "YAMLReading", dependencies: ["NetValues", "YAML", "CYAML"]),
        .target(name: "PlanFile", dependencies: ["NetValues", "YAML", "Planning", "YAMLReading", "LinuxIO"]),
        .target(
            name: "ManifestFiles", dependencies: ["NetValues", "YAML", "JSON", "Manifests", "YAMLReading", "LinuxIO"]),
        .target(
            name: "Kubernetes",
            dependencies: contract + [
                "JSON", "YAML", "Manifests", "ProbeKit", "YAMLReading", "LinuxIO",
            ]),
        .target(
            name: "CaptureFiles", dependencies: ["NetValues", "Wire", "Observations", "LinuxIO", "CZlib", "CLinux"]),
        .target(
            name: "VantageState", dependencies: ["NetValues", "Wire", "Observations", "ProbeKit", "LinuxIO", "CLinux"]),
        .target(name: "RepeatableChance", path: "Support/RepeatableChance"),
        .target(
            name: "PacketBuilding", dependencies: ["NetValues", "Wire", "RepeatableChance"],
            path: "Support/PacketBuilding"),
        .target(
            name: "HostileInput",
            dependencies: contract + [
                "PacketBuilding", "CaptureFiles", "ProbeKit", "Diagnosis", "Reporting", "PacketAnalysis", "PlanFile",
                "VantageState", "JSON", "LinuxIO", "YAML", "YAMLReading", "Manifests", "ManifestFiles", "Connectivity",
                "Auditing", "PlanDerivation", "Kubernetes",
            ]
                + probes.map { .target(name: "\($0)Probe") },
            path: "Support/HostileInput"),
        .target(name: "CFuzzer", path: "CFuzzer"),
        .executableTarget(name: "Fuzzer", dependencies: ["HostileInput", "CFuzzer"], path: "Fuzzer"),
    ]
        + probes.map { kind in
            .target(
                name: "\(kind)Probe", dependencies: contract + ["ProbeKit"], path: "Probes/\(kind)",
                exclude: ["README.md"])
        },
    swiftLanguageModes: [.v6])

for target in package.targets where target.type != .system && !["CLinux", "CFuzzer"].contains(target.name) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .unsafeFlags(["-sanitize=fuzzer,address", "-g"]),
    ]
    if target.type == .executable {
        target.linkerSettings = [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]
    }
}
