import ArgumentParser

/// Which cluster the word `cluster` means.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The kubeconfig of cluster, in place of KUBECONFIG, ~/.kube/config and the service account of the pod.",
            valueName: "file"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig, in place of the current one.", valueName: "name"))
    var context: String?

    func validate() throws {
        if kubeconfig?.isEmpty == true { throw ValidationError("--kubeconfig takes the name of a file") }
        if context?.isEmpty == true { throw ValidationError("--context takes the name of a context") }
    }

    var isGiven: Bool { kubeconfig != nil || context != nil }
}
