import Glibc
import LinuxIO
import NetValues
import Observations
import Planning

/// The process's limit of open files, which bounds how many checks can be at work.
enum DescriptorLimit {
    /// Raises the soft limit to the hard one (many shells set 1024 soft, far more hard) and answers it.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var wanted = limit
            wanted.rlim_cur = min(limit.rlim_max, 1_048_576)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wanted) == 0 { limit = wanted }
        }
        return Int(min(limit.rlim_cur, 1_048_576))
    }
}

extension Limits {
    /// Checks in flight such that their sockets (up to four each: addresses of both families, a contrast, a resolver) fit
    /// beside our own descriptors and those of echo requests.
    func fitting(descriptors: Int, for checks: [Check]) -> Limits {
        var limits = self
        let most = max(1, (descriptors - 24 - EchoOpener.mostDescriptors) / 4)
        if checks.count(where: \.needsDescriptors) > most { limits.inFlight = min(inFlight, most) }
        return limits
    }

    /// Of a kind that is a load on others one check at a time: two would be each other's fault.
    func withOneLoad(of probes: [ProbeDescription]) -> Limits {
        var limits = self
        for probe in probes where probe.risk != nil { limits.perKind[probe.kind] = 1 }
        return limits
    }

    /// Nil when these limits let as much of the plan run at once as the plan's own.
    func shortage(against plan: Plan, descriptors: Int) -> VantageStrain.DescriptorShortage? {
        let wanted = min(plan.limits.inFlight, plan.checks.count)
        guard inFlight < wanted else { return nil }
        return VantageStrain.DescriptorShortage(limit: descriptors, inFlight: inFlight, wanted: wanted)
    }
}

extension Check {
    /// Echo requests to an address go through sockets that many checks share.
    fileprivate var needsDescriptors: Bool { kind != "icmp" || target.host?.address == nil }
}
