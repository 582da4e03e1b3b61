import Glibc
import LinuxIO
import NetValues
import Observations
import Testing

@testable import VantageState

@Suite struct StrainMeterTests {
    /// Keeps the reactor's thread from its timers, asleep or at work, and reads the meter.
    private func reading(blockedBy block: @escaping @Sendable () -> Void) async throws -> VantageStrain {
        let reactor = try Reactor()
        let meter = await StrainMeter(reactor: reactor, start: .now)
        let watch = Task(executorPreference: reactor.executor) { await meter.watch() }
        await withCheckedContinuation { done in
            reactor.executor.submit { _ in
                block()
                done.resume()
            }
        }
        let reading = await meter.reading()
        watch.cancel()
        return reading
    }

    @Test func stall_isSeen_whereTheThreadStoodStill() async throws {
        let strain = try await reading { _ = poll(nil, 0, 120) }
        #expect(strain.longestStall >= .milliseconds(110))
        #expect(strain.stalls.allSatisfy { $0.start >= .zero && $0.end <= strain.duration })
        #expect(strain.busyTime < .milliseconds(60))
        #expect(strain.duration >= .milliseconds(120))
    }

    @Test func stall_isOwnWork_whereTheThreadWasBusy() async throws {
        let strain = try await reading {
            let end = SchedulerStatistics.processorTimeOfThisThread() + .milliseconds(120)
            while SchedulerStatistics.processorTimeOfThisThread() < end {}
        }
        #expect(strain.stalledTime >= .milliseconds(110))
        #expect(strain.busyTime >= .milliseconds(100))
    }

    @Test func waitingTime_isRead_fromTheKernel() {
        #expect(OwnThread.processorWait != nil)
    }
}

@Suite struct CgroupPathTests {
    private let v1Mounts = """
        30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
        31 30 0:27 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
        32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
        33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
        """

    @Test func v1_isTheHierarchyWithTheController() {
        #expect(
            CgroupPath.directories(groups: "5:cpuset:/\n2:cpu,cpuacct:/kubepods/pod1/abc\n0::/x\n", mounts: v1Mounts)
                == [
                    "/sys/fs/cgroup/cpu,cpuacct/kubepods/pod1/abc", "/sys/fs/cgroup/cpu,cpuacct/kubepods/pod1",
                    "/sys/fs/cgroup/cpu,cpuacct/kubepods", "/sys/fs/cgroup/cpu,cpuacct",
                ])
    }

    @Test func v2_isTheOnlyHierarchy() {
        let mounts = "35 24 0:30 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n"
        #expect(
            CgroupPath.directories(groups: "0::/user.slice/a.scope\n", mounts: mounts) == [
                "/sys/fs/cgroup/user.slice/a.scope", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup",
            ])
        #expect(CgroupPath.directories(groups: "0::/\n", mounts: mounts) == ["/sys/fs/cgroup"])
    }

    /// Without a cgroup namespace a container sees the host's path, and only its own part of the tree.
    @Test func container_withTheHostsPath_isItsOwnMount() {
        let mounts = "35 24 0:30 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"
        #expect(CgroupPath.directories(groups: "4:cpu:/docker/abc\n", mounts: mounts) == ["/sys/fs/cgroup/cpu"])
    }

    @Test(arguments: ["", "x", "1:name=systemd:/a", "::", "4:cpu"])
    func otherText_isNoGroup(_ groups: String) {
        #expect(CgroupPath.directories(groups: groups, mounts: v1Mounts) == [])
    }

    @Test(arguments: ["", "35", "35 24 0:30 / - cgroup", "35 24 0:30 / /a rw - cgroup cgroup"])
    func otherMounts_areNone(_ mounts: String) {
        #expect(CgroupPath.directories(groups: "4:cpu:/\n", mounts: mounts) == [])
    }

    @Test func counters_areReadInTheUnitsOfEachVersion() {
        let v2 = CgroupCPU.Counters(stat: "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 2500\n")
        #expect(v2 == CgroupCPU.Counters(periods: 3, time: .microseconds(2500)))
        let v1 = CgroupCPU.Counters(stat: "nr_periods 9\nnr_throttled 3\nthrottled_time 2500000\n")
        #expect(v1 == v2)
        #expect(CgroupCPU.Counters(stat: "usage_usec 5\n") == nil)
        #expect(CgroupCPU.Counters(stat: "nr_throttled x\n") == nil)
    }
}
