/// A built-in plan (leadsman run --scenario) in a network that breaks what its document demands.
extension Scenario {
    static let builtin: [Scenario] = [shopWithoutIsolation]

    private static let shopSettings = [
        "SHOP=shop.test", "DATABASE=198.18.2.2:5432", "OTHER_SERVICE=198.18.2.2:8081", "CA={lab}/ca.pem",
    ]

    /// The database answers whoever asks, staging too, and plain http is served where it should be sent to https.
    private static let shopWithoutIsolation = Scenario(
        name: "scenario ecommerce: nothing is isolated, and http stays http",
        changes: [
            .certificates, .names("shop.test A 198.18.2.2"), .resolver("nameserver 198.18.2.2"), .tls("good"), .http(),
            .web("s", port: 5432), .web("s", port: 8081),
        ],
        command: ["run", "--scenario", "ecommerce", "--samples", "2", "--interval", "20ms", "--timeout", "1500ms"]
            + shopSettings.flatMap { ["--set", $0] },
        expected: Expected(
            verdict: "failing", exit: 1, must: ["env-isolation-breach", "flow-not-blocked", "http-redirect-missing"],
            statuses: [
                "certificate of the shop": "passed", "the shop answers within its limit": "passed",
                "database is closed to others": "failed", "other environment is closed": "failed",
                "plain http is sent to https": "warned",
            ],
            headline: "env-isolation-breach", says: ["production", "staging"]))
}
