import ArgumentParser
import ManifestFiles
import Manifests
import NetValues
import PlanDerivation

/// `leadsman plan PATH... --as NAMESPACE/POD`, `leadsman plan PATH... --jobs FOLDER --image IMAGE`
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Derive a plan from Kubernetes manifests: what must and what must not be reachable.",
        discussion: """
            Reads what audit reads, and writes a plan for one pod or workload: Services, their names and readiness, hosts of Ingresses and \
            routes, and flows that policies deny. Nothing is sent to the network: leadsman run PLAN.yaml does that, from such a pod. With --jobs \
            it writes a plan for each set of labels that policies and Services tell apart, and a Kubernetes Job that runs it with those labels.
            """)

    @Argument(
        help: ArgumentHelp("Files and folders; - is standard input, cluster is the Kubernetes API.", valueName: "path"))
    var paths: [String]

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("Which pod or workload of the manifests the plan is for.", valueName: "namespace/name"))
    var role: String?

    @Option(help: ArgumentHelp("The cluster's domain.", valueName: "name"))
    var domain = "cluster.local"

    @Option(
        help: ArgumentHelp(
            "Write the plan to this file, whole or not at all; - is standard output.", valueName: "file"))
    var output: String?

    @Option(
        name: .customLong("jobs"),
        help: ArgumentHelp(
            "Write a Job with its plan for every label set to this folder, and the plans to its folder plans; with --as only the one of that workload.",
            valueName: "folder"))
    var jobFolder: String?

    @Option(help: ArgumentHelp("The image of the Jobs: any that has leadsman on its PATH.", valueName: "image"))
    var image: String?

    @OptionGroup var cluster: ClusterOptions

    func validate() throws {
        if jobFolder?.isEmpty == true { throw ValidationError("--jobs takes the name of a folder") }
        if jobFolder != nil, output != nil { throw ValidationError("--jobs writes files of its own, without --output") }
        if jobFolder == nil, image != nil { throw ValidationError("--image is of --jobs") }
        if jobFolder != nil, image?.isEmpty ?? true {
            throw ValidationError(
                "--jobs needs --image: an image that has leadsman on its PATH (Documentation/MANIFESTS.md says how to make one)"
            )
        }
        if output?.isEmpty == true { throw ValidationError("--output takes the name of a file") }
        guard let name = DomainName(domain), !name.looksLikeAddress, !name.labels.isEmpty else {
            throw ValidationError("--domain takes a domain name such as cluster.local")
        }
    }

    func run() async throws {
        let set = try await ManifestInput.read(paths, cluster)
        try ManifestInput.refuseNothing(set, paths)
        let state = DeclaredState(set)
        let domain = DomainName(domain)?.relative.description ?? domain
        if let jobFolder {
            let vantage = role == nil ? nil : try vantage(in: state)
            tell(set)
            let settings = PlanJobs.Settings(image: image ?? "", domain: domain)
            throw try JobFiles(folder: jobFolder, state: state, vantage: vantage, settings: settings).write()
        }
        let vantage = try vantage(in: state)
        tell(set)
        let plan = PlanDerivation.plan(state, as: vantage, domain: domain)
        guard !plan.checks.isEmpty else {
            complain(
                "nothing can be checked from \(plan.vantageName.escaped(limit: 320))\(plan.notes.first.map { ": \($0)" } ?? "")"
            )
            throw ExitCode(ExitStatus.badUsage)
        }
        if plan.droppedChecks > 0 {
            complain("the plan holds \(plan.checks.count) checks; \(plan.droppedChecks) further ones are left out")
        }
        throw conclude(plan.text, at: output, status: ExitStatus.healthy)
    }

    private func vantage(in state: DeclaredState) throws -> Int {
        guard !state.workloads.isEmpty else {
            throw ValidationError("no pod and no workload is in the manifests, so a plan has no place to be for")
        }
        guard let role else {
            throw ValidationError("--as is missing: which workload is the plan for? \(Self.listed(state))")
        }
        let parts = role.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("--as takes NAMESPACE/POD or NAMESPACE/WORKLOAD: \(Self.listed(state))")
        }
        if let index = state.index(ofWorkload: DeclaredState.Name(parts[0], parts[1])) { return index }
        let known = state.workloads.map { "\($0.namespace)/\($0.name)" }
        let hint =
            nearestWord(to: role, among: known).map { "did you mean \($0.escaped(limit: 320))?" } ?? Self.listed(state)
        throw ValidationError("--as: no workload \(role.escaped(limit: 320)) in the manifests: \(hint)")
    }

    private static func listed(_ state: DeclaredState) -> String {
        let all = state.workloads.map { "\($0.namespace)/\($0.name)" }.unique().sorted()
        let shown = all.prefix(40).map { $0.escaped(limit: 320) }.joined(separator: ", ")
        return "known are \(shown)\(all.count > 40 ? " and \(all.count - 40) more" : "")"
    }

    /// A plan of manifests of which some could not be read says less than it seems to.
    private func tell(_ set: ManifestSet) {
        for problem in set.problems where problem.kind == .unreadable {
            complain("\(problem.place.words ?? "manifests"): \(problem.message): what stands there is not in the plan")
        }
        for gap in set.notReadable { complain("not readable: \(gap.what): \(gap.why)") }
    }
}
