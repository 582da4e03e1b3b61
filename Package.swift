// swift-tools-version: 6.2
import PackageDescription

// The target graph is the architecture (Documentation/ARCHITECTURE.md): values, contract, engine, adapters, probes, product.
// A target may import what stands above it in this file and nothing else; `Scripts/check` proves it.

let values: [Target] = [
    .target(name: "NetValues"),
    .target(name: "JSON", dependencies: ["NetValues"]),
    .target(name: "YAML", dependencies: ["NetValues"]),
    .target(name: "Wire", dependencies: ["NetValues", "JSON"]),
]

let contract: [Target] = [
    .target(name: "Planning", dependencies: ["NetValues"]),
    .target(name: "Manifests", dependencies: ["NetValues", "YAML", "JSON"]),
    .target(name: "Observations", dependencies: ["NetValues", "Wire", "Planning"]),
]

let engine: [Target] = [
    .target(name: "ProbeKit", dependencies: ["NetValues", "Wire", "Planning", "Observations"]),
    .target(name: "Scheduling", dependencies: ["NetValues", "Planning", "Observations", "ProbeKit"]),
    .target(
        name: "Diagnosis",
        dependencies: ["NetValues", "Wire", "Planning", "Observations", "YAML", "Manifests", "Connectivity"]),
    .target(name: "Connectivity", dependencies: ["NetValues", "YAML", "Manifests"]),
    .target(
        name: "Auditing",
        dependencies: [
            "NetValues", "JSON", "YAML", "Wire", "Planning", "Manifests", "Connectivity", "Diagnosis",
        ]),
    .target(
        name: "PlanDerivation", dependencies: ["NetValues", "YAML", "Planning", "Manifests", "Connectivity"]),
    .target(name: "PacketAnalysis", dependencies: ["NetValues", "Wire", "Observations"]),
    .target(name: "Scenarios", dependencies: ["NetValues", "Planning"]),
    .target(
        name: "Reporting",
        dependencies: [
            "NetValues", "JSON", "Wire", "Planning", "Observations", "Diagnosis", "Manifests", "Connectivity",
            "Scenarios",
        ]),
]

let systemModules: [Target] = [
    .target(name: "CLinux"),
    .systemLibrary(name: "CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

let adapters: [Target] = [
    .target(name: "LinuxIO", dependencies: ["NetValues", "Wire", "Observations", "ProbeKit", "CLinux"]),
    .target(name: "YAMLReading", dependencies: ["NetValues", "YAML", "CYAML"]),
    .target(name: "PlanFile", dependencies: ["NetValues", "YAML", "Planning", "YAMLReading", "LinuxIO"]),
    .target(
        name: "ManifestFiles", dependencies: ["NetValues", "YAML", "JSON", "Manifests", "YAMLReading", "LinuxIO"]),
    .target(
        name: "Kubernetes",
        dependencies: [
            "NetValues", "JSON", "YAML", "Wire", "Planning", "Observations", "Manifests", "ProbeKit", "YAMLReading",
            "LinuxIO",
        ]),
    .target(
        name: "NameResolution",
        dependencies: ["NetValues", "Wire", "Observations", "ProbeKit", "LinuxIO", "CAres", "CLinux"]),
    .target(
        name: "StreamTransport",
        dependencies: ["NetValues", "Wire", "Observations", "ProbeKit", "LinuxIO", "COpenSSL", "CLinux"]),
    .target(
        name: "VantageState", dependencies: ["NetValues", "Wire", "Observations", "ProbeKit", "LinuxIO", "CLinux"]),
    .target(name: "CaptureFiles", dependencies: ["NetValues", "Wire", "Observations", "LinuxIO", "CZlib", "CLinux"]),
    .target(
        name: "PacketCapture",
        dependencies: ["NetValues", "Wire", "Observations", "ProbeKit", "LinuxIO", "CPcap", "CLinux"]),
    .target(
        name: "FaultServers",
        dependencies: [
            "NetValues", "Wire", "Observations", "ProbeKit", "LinuxIO", "StreamTransport", "COpenSSL", "CLinux",
        ]),
]

let probeKit: [Target.Dependency] = ["NetValues", "Wire", "Planning", "Observations", "ProbeKit"]
let probes: [Target] = [
    "DNS", "TCP", "TLS", "HTTP", "ICMP", "UDP", "Capture", "Flows", "Idle", "MTU", "Trace", "Throughput",
].map { kind in
    .target(name: "\(kind)Probe", dependencies: probeKit, path: "Probes/\(kind)", exclude: ["README.md"])
}

let product: [Target] = [
    .target(
        name: "Commands",
        dependencies: [
            "NetValues", "JSON", "Wire", "Planning", "Observations", "ProbeKit", "Scheduling", "Diagnosis", "Reporting",
            "Scenarios",
            "LinuxIO", "PlanFile", "YAML", "YAMLReading", "Manifests", "ManifestFiles", "Kubernetes", "Connectivity",
            "Auditing", "PlanDerivation",
            "NameResolution", "StreamTransport", "VantageState", "FaultServers", "CLinux",
            "PacketAnalysis", "CaptureFiles", "PacketCapture",
            "DNSProbe", "TCPProbe", "TLSProbe", "HTTPProbe", "ICMPProbe", "UDPProbe", "CaptureProbe", "FlowsProbe",
            "IdleProbe", "MTUProbe", "TraceProbe", "ThroughputProbe",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
    .executableTarget(name: "leadsman", dependencies: ["Commands"]),
]

let tests: [Target] = [
    .target(
        name: "ProbeTesting", dependencies: probeKit, path: "Tests/Support/ProbeTesting"),
    .target(
        name: "HostileInput",
        dependencies: probeKit + [
            "Diagnosis", "Reporting", "JSON", "PacketAnalysis", "PlanFile", "LinuxIO", "VantageState", "DNSProbe",
            "TCPProbe",
            "TLSProbe",
            "HTTPProbe", "ICMPProbe", "UDPProbe", "PacketBuilding", "CaptureFiles", "YAML", "YAMLReading", "Manifests",
            "ManifestFiles", "Connectivity", "Auditing", "PlanDerivation", "Kubernetes",
        ],
        path: "Tests/Support/HostileInput"),
    .target(name: "CSpawn", path: "Tests/Support/CSpawn"),
    .target(name: "ChildProcesses", dependencies: ["CSpawn"], path: "Tests/Support/ChildProcesses"),
    .testTarget(name: "NetValuesTests", dependencies: ["NetValues"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(
        name: "WireTests",
        dependencies: ["Wire", "JSON", "NetValues", "PacketBuilding", "ChildProcesses", "RepeatableChance"]),
    .testTarget(
        name: "PlanFileTests", dependencies: ["PlanFile", "LinuxIO", "Planning", "NetValues"],
        resources: [.copy("Fixtures")]),
    .testTarget(
        name: "ManifestsTests", dependencies: ["Manifests", "ManifestFiles", "YAML", "YAMLReading", "NetValues"],
        exclude: ["Fixtures"]),
    .testTarget(
        name: "ConnectivityTests",
        dependencies: ["Connectivity", "Manifests", "ManifestFiles", "NetValues", "YAML", "RepeatableChance"]),
    .testTarget(
        name: "AuditingTests",
        dependencies: ["Auditing", "Connectivity", "Manifests", "ManifestFiles", "Diagnosis", "Planning", "NetValues"],
        exclude: ["Fixtures"]),
    .testTarget(
        name: "ScenariosTests",
        dependencies: [
            "Scenarios", "PlanFile", "Planning", "NetValues", "ProbeKit", "DNSProbe", "TCPProbe", "TLSProbe",
            "HTTPProbe", "ICMPProbe", "UDPProbe", "FlowsProbe", "MTUProbe", "TraceProbe", "ThroughputProbe",
        ],
        exclude: ["Fixtures"]),
    .testTarget(
        name: "PlanDerivationTests",
        dependencies: [
            "PlanDerivation", "Manifests", "ManifestFiles", "PlanFile", "LinuxIO", "Planning", "NetValues", "YAML",
            "ProbeKit",
            "DNSProbe", "TCPProbe", "TLSProbe", "HTTPProbe", "UDPProbe",
        ],
        exclude: ["Fixtures"]),
    .testTarget(name: "ReplayTests", dependencies: ["HostileInput"]),
    .testTarget(name: "SchedulingTests", dependencies: ["Scheduling", "ProbeTesting"] + probeKit),
    .testTarget(name: "DiagnosisTests", dependencies: ["Diagnosis", "Manifests", "ManifestFiles"] + probeKit),
    .testTarget(
        name: "ReportingTests", dependencies: ["Reporting", "Diagnosis", "JSON"] + probeKit, exclude: ["Snapshots"]),
    .testTarget(
        name: "ProbesTests",
        dependencies: [
            "ProbeTesting", "RepeatableChance", "DNSProbe", "TCPProbe", "TLSProbe", "HTTPProbe", "ICMPProbe",
            "UDPProbe",
            "CaptureProbe", "FlowsProbe", "IdleProbe", "MTUProbe", "TraceProbe", "ThroughputProbe",
        ] + probeKit),
    .testTarget(
        name: "LoopbackTests",
        dependencies: [
            "ProbeTesting", "LinuxIO", "NameResolution", "StreamTransport", "FaultServers", "VantageState", "Diagnosis",
            "DNSProbe", "TCPProbe", "TLSProbe", "HTTPProbe", "ICMPProbe", "UDPProbe", "FlowsProbe", "IdleProbe",
            "ThroughputProbe", "Kubernetes", "ManifestFiles", "Manifests", "YAML",
        ] + probeKit),
    .target(name: "RepeatableChance", path: "Tests/Support/RepeatableChance"),
    .target(
        name: "PacketBuilding", dependencies: ["NetValues", "Wire", "RepeatableChance"],
        path: "Tests/Support/PacketBuilding"),
    .executableTarget(
        name: "capture-generator", dependencies: ["PacketBuilding"], path: "Tests/Support/CaptureGenerator"),
    .testTarget(
        name: "PacketAnalysisTests",
        dependencies: [
            "PacketAnalysis", "PacketBuilding", "ChildProcesses", "NetValues", "Wire", "Observations",
            "StreamTransport", "RepeatableChance",
        ],
        exclude: ["Captures"]),
    .testTarget(
        name: "CaptureTests",
        dependencies: [
            "CaptureFiles", "PacketCapture", "PacketBuilding", "ChildProcesses", "NetValues", "Wire", "Observations",
            "ProbeKit", "LinuxIO",
        ]),
    .testTarget(
        name: "BinaryTests", dependencies: ["ChildProcesses", "NetValues", "Wire", "PacketBuilding"]),
    .executableTarget(
        name: "dns-engine-bench", dependencies: ["LinuxIO", "NameResolution"] + probeKit,
        path: "Tests/Support/DNSEngineBench"),
    .executableTarget(name: "lab-relay", path: "Tests/Support/LabRelay"),
    .target(
        name: "LabKit", dependencies: ["ChildProcesses", "RepeatableChance"], path: "Tests/Lab", exclude: ["README.md"]),
    .executableTarget(name: "leadsman-lab", dependencies: ["LabKit"], path: "Tests/Support/LabCommand"),
    .testTarget(name: "LabTests", dependencies: ["LabKit", "ChildProcesses", "lab-relay", "leadsman-lab"]),
]

let package = Package(
    name: "leadsman",
    products: [.executable(name: "leadsman", targets: ["leadsman"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: values + contract + engine + systemModules + adapters + probes + product + tests,
    swiftLanguageModes: [.v6])

for target in package.targets where target.type != .system && !["CLinux", "CSpawn", "lab-relay"].contains(target.name) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
