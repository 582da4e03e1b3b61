import LinuxIO
import NetValues
import Planning

/// Reads plans: all that is wrong with them is told at once, and only a plan without mistakes comes out.
package struct PlanReader: Sendable {
    /// A plan larger than this is refused.
    package static let largestFile = 64 << 20
    private static let standardInputName = "<stdin>"

    private let probes: [ProbeDescription]
    private let environment: @Sendable (String) -> String?
    private let readFile: @Sendable (String) -> Result<[UInt8], UnreadableFile>
    private let validate: @Sendable (Check) -> PlanProblem?
    private let mostTargets: Int?

    /// - Parameters:
    ///   - probes: the catalogue of probes: which kinds there are, with which keys.
    ///   - environment: looks up what `${env:NAME}` stands for.
    ///   - readFile: reads what `${file:PATH}` stands for.
    ///   - validate: is asked about each check that is right so far; a problem without a place is told at the check's name.
    ///   - mostTargets: endpoints that all ranges may have together, over what plans say of it.
    package init(
        probes: [ProbeDescription],
        environment: @escaping @Sendable (String) -> String? = ProcessEnvironment.value(of:),
        readFile: @escaping @Sendable (String) -> Result<[UInt8], UnreadableFile> = Self.readSecret,
        validate: @escaping @Sendable (Check) -> PlanProblem? = { _ in nil }, mostTargets: Int? = nil
    ) {
        self.mostTargets = mostTargets
        self.probes = probes
        self.environment = environment
        self.readFile = readFile
        self.validate = validate
    }

    /// A secret's file may be a pipe that nobody ever writes to; nobody waits for that.
    package static let readSecret: @Sendable (String) -> Result<[UInt8], UnreadableFile> = { path in
        // Room for the final line break; what is longer is told by the reader of references.
        FileBytes.read(path, limit: SecretReferences.longestSecret + 2, patience: .seconds(10))
    }

    package func read(text: String, file: String) throws(PlanProblems) -> Plan {
        try read(bytes: Array(text.utf8), file: file)
    }

    package func read(bytes: [UInt8], file: String) throws(PlanProblems) -> Plan {
        try PlanLinker.link([draft(bytes, file: file)], mostTargets: mostTargets)
    }

    /// Reads the files and joins them into one plan; `-` is standard input.
    /// - Parameter texts: plans that are no files, with the names under which their mistakes are told.
    package func read(
        paths: [String], texts: [(file: String, text: String)] = []
    ) throws(PlanProblems) -> Plan {
        var drafts = texts.map { draft(Array($0.text.utf8), file: $0.file) }
        var unreadable: [PlanProblem] = []
        for path in paths {
            let name = path == "-" ? Self.standardInputName : path.escaped(limit: 4096)
            switch Self.bytes(at: path) {
            case .success(let bytes): drafts.append(draft(bytes, file: name))
            case .failure(let failure):
                unreadable.append(PlanProblem("\(name): the plan cannot be read: \(failure.reason)"))
            }
        }
        guard unreadable.isEmpty else {
            throw PlanProblems(inOrderOfPlace: unreadable + drafts.flatMap(\.mistakes))
        }
        return try PlanLinker.link(drafts, mostTargets: mostTargets)
    }

    private static func bytes(at path: String) -> Result<[UInt8], UnreadableFile> {
        path == "-" ? FileBytes.standardInput(limit: largestFile) : FileBytes.read(path, limit: largestFile)
    }

    private func draft(_ bytes: [UInt8], file: String) -> PlanDraft {
        let references = SecretReferences(environment: environment, readFile: readFile)
        let reading = PlanReading(file: file, probes: probes, references: references)
        return PlanDraftReader(reading: reading, validate: validate).read(bytes)
    }
}
