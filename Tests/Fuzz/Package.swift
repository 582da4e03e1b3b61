// swift-tools-version: 6.2
import PackageDescription

// The readers of foreign bytes, compiled anew with coverage and the address sanitizer, and libFuzzer around them (Scripts/fuzz).
// `Sources`, `Probes` and `Support` are links: what is fuzzed is what ships, without products in the root package for it.

let probes = ["DNS", "TCP", "TLS", "HTTP", "ICMP"]
let contract: [Target.Dependency] = ["NetValues", "Wire", "Planning", "Observations"]

let package = Package(
    name: "fuzz",
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .target(name: "NetValues"),
        .target(name: "Wire", dependencies: ["NetValues"]),
        .target(name: "Planning", dependencies: ["NetValues"]),
        .target(name: "Observations", dependencies: ["NetValues", "Wire", "Planning"]),
        .target(name: "ProbeKit", dependencies: contract),
        .target(name: "Diagnosis", dependencies: contract),
        .target(name: "Reporting", dependencies: contract + ["Diagnosis"]),
        .target(name: "PacketAnalysis", dependencies: ["NetValues", "Wire", "Observations"]),
        .target(name: "LinuxIO", dependencies: ["NetValues", "Wire", "Observations", "ProbeKit", "CLinux"]),
        .target(name: "PlanFile", dependencies: ["NetValues", "Planning", "CYAML"]),
        .target(
            name: "CaptureFiles", dependencies: ["NetValues", "Wire", "Observations", "LinuxIO", "CZlib", "CLinux"]),
        .target(name: "VantageState", dependencies: ["NetValues", "Observations", "ProbeKit", "LinuxIO", "CLinux"]),
        .target(name: "PacketBuilding", dependencies: ["NetValues", "Wire"], path: "Support/PacketBuilding"),
        .target(
            name: "HostileInput",
            dependencies: contract + [
                "PacketBuilding", "CaptureFiles", "ProbeKit", "Diagnosis", "Reporting", "PacketAnalysis", "PlanFile",
                "VantageState",
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
