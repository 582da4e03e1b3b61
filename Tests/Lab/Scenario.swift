/// One network with a known fault, a plan, and what the report must come to.
struct Scenario: Sendable {
    /// `root` has the rights of whoever built the lab: all of them, or in a lab of an ordinary user those that most distributions
    /// give such a user (ping sockets, and no capability). `nobody` has none at all.
    enum User: Sendable { case root, nobody }

    let name: String
    var network = LabNetwork.clientRouterServer
    let changes: [LabChange]
    /// Where and as whom leadsman runs.
    var node = "c"
    var user = User.root
    /// The checks of a plan, in YAML, without its head. `{lab}` is the lab's directory.
    var checks = ""
    /// Options of `run` beside the plan.
    var options: [String] = []
    /// Arguments in place of a plan: a command with its targets.
    var command: [String] = []
    /// NAME=VALUE
    var environment: [String] = []
    /// Counts against the clock, so that nothing else of the lab may run at the same time.
    var isTimed = false
    let expected: Expected
    /// What a leadsman without capabilities comes to, where that is something else.
    var expectedWithoutRights: Expected?

    var plan: String {
        """
        leadsman: 1
        defaults: {timeout: 1s, samples: 2, interval: 20ms}
        checks:
        \(checks)

        """
    }

    struct Expected: Sendable {
        static let healthy = Expected(verdict: "healthy", exit: 0)

        var verdict: String
        var exit: Int32
        /// Finding ids, as often as they must appear. Every finding must be in one of the two lists.
        var must: [String] = []
        var may: [String] = []
        /// Status of each check by name; those not named are free.
        var statuses: [String: String] = [:]
        /// The first finding, unless there need be none.
        var headline: String?
        /// What the headline's text must say.
        var says: [String] = []
        /// How many checks the first finding with this id accounts for.
        var checksOf: [String: Int] = [:]
    }
}
