import Planning
import YAML

/// One check as far as it could be read; what joins it to others is looked at when all are there.
struct CheckDraft {
    struct Need {
        let name: String
        let mark: Mark
    }

    /// Nil when anything about it is wrong.
    var check: Check?
    /// Where the target is a range: `check` is then the first of its endpoints, under the name of all.
    var range: TargetRange?
    /// Of the target.
    var targetMark = Mark.start
    /// Nil when missing or malformed.
    var name: String?
    var nameMark: Mark
    var needs: [Need] = []
}

/// One file as far as it could be read.
struct PlanDraft {
    let file: String
    var vantage: DeclaredVantage?
    var limits = DeclaredLimits()
    var checks: [CheckDraft] = []
    var secrets: [Secret] = []
    var mistakes: [PlanProblem] = []

    func place(_ mark: Mark) -> SourcePlace {
        SourcePlace(file: file, line: Int(mark.line), column: Int(mark.column))
    }
}

struct DeclaredVantage {
    let vantage: VantageName
    let mark: Mark
}

/// The limits that a file sets; the others stay as they are.
struct DeclaredLimits {
    var inFlight: Int?
    var perTarget: Int?
    var startsPerSecond: Double?
    /// Endpoints of all ranges together.
    var targets: Int?
}
