import ArgumentParser

/// Packets as evidence beside probes.
struct EvidenceOptions: ParsableArguments {
    @Flag(help: "Capture the probes' own packets, and use them as evidence (needs CAP_NET_RAW).")
    var evidence = false

    @Option(
        help: ArgumentHelp(
            "Keep the packets of each check that fails in a file of this folder; implies --evidence.",
            valueName: "folder"))
    var evidenceDir: String?

    func validate() throws {
        if evidenceDir?.isEmpty == true { throw ValidationError("--evidence-dir takes the name of a folder") }
    }

    var request: EvidenceRequest? { evidence || evidenceDir != nil ? EvidenceRequest(folder: evidenceDir) : nil }
}

/// That evidence is wanted, and where files of it go.
struct EvidenceRequest: Sendable {
    /// Nil keeps no files.
    var folder: String?
}
