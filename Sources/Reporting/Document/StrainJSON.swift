import JSON
import NetValues
import Observations

extension VantageStrain {
    /// What a report's vantage says beside its name, for whoever wants to know how far to trust the timing; nothing of a run
    /// that was never late.
    var members: JSONObject {
        guard stalledTime > .zero || throttling != nil || descriptors != nil else { return JSONObject() }
        var strain = JSONObject([
            ("stalledMs", .milliseconds(stalledTime)), ("longestStallMs", .milliseconds(longestStall)),
            ("busyMs", .milliseconds(busyTime)),
        ])
        strain["processorWaitMs"] = processorWait.map { .milliseconds($0) }
        strain["throttledPeriods"] = throttling.map { .int($0.periods) }
        strain["throttledMs"] = throttling.map { .milliseconds($0.time) }
        strain["descriptorLimit"] = descriptors.map { .int($0.limit) }
        return JSONObject([("strain", .object(strain))])
    }
}
