import Diagnosis

/// Which checks a table shows: all of a small plan in its order; of a large one those that need a look, by their reason.
struct CheckSelection {
    private static let smallPlan = 40
    private static let rowLimit = 200

    let shown: [CheckReport]
    /// Checks of the same reason stand together, and the reason above them.
    let isGrouped: Bool
    /// What is not shown, in words.
    let omissions: [String]

    init(_ checks: [CheckReport], verbosity: TextStyle.Verbosity) {
        isGrouped = verbosity != .verbose && checks.count > Self.smallPlan
        guard isGrouped else {
            shown = checks
            omissions = []
            return
        }
        let open = Self.grouped(checks.filter { $0.status != .passed })
        shown = Array(open.prefix(Self.rowLimit))
        let unlisted = open.count - shown.count
        let passed = checks.count - open.count
        omissions = [
            unlisted > 0 ? "… \(Reporting.grouped(unlisted)) more that did not pass (--verbose lists all)" : nil,
            passed > 0 ? "… \(Reporting.grouped(passed)) passed" : nil,
        ].compactMap { $0 }
    }

    /// In the order in which the reasons come first.
    private static func grouped(_ checks: [CheckReport]) -> [CheckReport] {
        var ranks: [String?: Int] = [:]
        for check in checks where ranks[check.reason] == nil { ranks[check.reason] = ranks.count }
        let ranked = checks.enumerated().map { (rank: ranks[$1.reason] ?? 0, place: $0, check: $1) }
        return ranked.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.check)
    }
}
