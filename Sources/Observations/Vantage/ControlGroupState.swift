/// What the control group of this process allows and has gone through (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1). Of
/// the groups from its own upwards, as far as they are visible, the one that limits most counts for each figure.
package struct ControlGroupState: Hashable, Sendable {
    /// 1 or 2
    package var version: Int
    /// Its own group: `/sys/fs/cgroup/kubepods/…`
    package var path: String
    /// Processors that the CPU quota is worth; nil without a quota.
    package var processors: Double?
    /// Totals since the group is there.
    package var throttledPeriods: Int?
    package var throttledTime: Duration?
    /// Bytes.
    package var memory: Int?
    package var mostMemory: Int?
    /// Of `memory` what is no file cache that can be given back: the working set, as kubelet reckons it (inactive_file of memory.stat).
    package var workingMemory: Int?
    /// Processes that were killed for want of memory, and how often an allocation failed at the limit, since the group is there.
    package var memoryKills: Int?
    package var memoryFailures: Int?
    package var pressure: [PressureState]

    package init(version: Int, path: String, pressure: [PressureState] = []) {
        self.version = version
        self.path = path
        self.pressure = pressure
    }
}

/// Pressure stall information (Documentation/accounting/psi.rst): how much of the time something waited for a resource.
package struct PressureState: Hashable, Sendable {
    package enum Resource: String, Hashable, Sendable, CaseIterable { case cpu, memory, io }

    package var resource: Resource
    /// Percent of the last ten seconds and of the last minute in which at least one task waited.
    package var someShort: Double
    package var someMinute: Double
    /// In which all waited; nil where the kernel does not say (CPU of the whole machine, old kernels).
    package var fullShort: Double?
    package var fullMinute: Double?

    package init(
        resource: Resource, someShort: Double, someMinute: Double, fullShort: Double? = nil, fullMinute: Double? = nil
    ) {
        self.resource = resource
        self.someShort = someShort
        self.someMinute = someMinute
        self.fullShort = fullShort
        self.fullMinute = fullMinute
    }
}

/// The kernel's clock discipline (adjtimex(2) with nothing to set) and the source it counts by.
package struct ClockState: Hashable, Sendable {
    /// STA_UNSYNC is not set: a time service keeps the clock. In a virtual machine that takes the host's time by other means it is
    /// set all the same, and a container sees that of its machine.
    package var isSynchronized: Bool
    /// The kernel's own bounds of the error.
    package var estimatedError: Duration
    package var mostError: Duration
    /// A leap second is to be put in or left out at the end of the day.
    package var announcesLeapSecond: Bool
    /// `tsc`, `hyperv_clocksource_tsc_page`, `kvm-clock`; nil when /sys does not say.
    package var source: String?

    package init(
        isSynchronized: Bool, estimatedError: Duration, mostError: Duration, announcesLeapSecond: Bool = false,
        source: String? = nil
    ) {
        self.isSynchronized = isSynchronized
        self.estimatedError = estimatedError
        self.mostError = mostError
        self.announcesLeapSecond = announcesLeapSecond
        self.source = source
    }
}
