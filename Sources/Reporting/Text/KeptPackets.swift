import JSON

/// Where the packets of checks were kept (`--evidence-dir`).
struct KeptPackets {
    private static let mostNames = 8
    private let files: [String]

    init(_ checks: [CheckReport]) {
        files = checks.compactMap { $0.additions["packets"]?["file"]?.string }
    }

    /// "packets of 2 checks are in evidence: db.pcap, web.pcap"; nil when there are none.
    var line: String? {
        guard let first = files.first else { return nil }
        // Those of one run are in one folder.
        let folder = first.prefix(upTo: first.lastIndex(of: "/") ?? first.startIndex)
        let shown = files.prefix(Self.mostNames).map { $0.dropFirst(folder.count + 1) }
        let more = files.count - shown.count
        return "packets of \(counted(files.count, "check")) are in \(folder.isEmpty ? "/" : folder): "
            + shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
