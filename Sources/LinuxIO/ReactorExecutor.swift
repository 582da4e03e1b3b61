import CLinux
import Glibc
import NetValues
import Synchronization

/// One thread that waits in epoll and runs every job of the actors and tasks that are pinned to it: a connection's readiness,
/// the code that reads it and the timer that bounds it all meet on the same thread, without locks or hops.
///
/// `@unchecked Sendable`: `inbox` is a mutex; every other field is touched only on the reactor's own thread, which
/// `assertOnThread` checks.
package final class ReactorExecutor: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private enum Item {
        case job(UnownedJob)
        case call(@Sendable (ReactorExecutor) -> Void)
    }

    private struct Inbox {
        var items: [Item] = []
        var isAsleep = false
        var isStopping = false
    }

    private let epoll: Int32
    private let wakeUp: Int32
    private let inbox = Mutex(Inbox())
    private let thread = Mutex<pthread_t?>(nil)
    private var descriptors = DescriptorTable()
    private var parking = ParkingLot()
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    /// Nothing that had come by then waits unread in the kernel, as far as is known.
    private var heardUntil = Instant.now
    /// What was delivered last had come at most so long before this instant.
    private var delivery = (at: Instant.now, lateness: Duration.zero)

    /// Opens the epoll instance and starts the thread, which runs until `stop()`.
    package init() throws(SystemCallFailure) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw SystemCallFailure("epoll_create1") }
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard wakeUp >= 0 else {
            let failure = SystemCallFailure("eventfd")
            Glibc.close(epoll)
            throw failure
        }
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data(fd: wakeUp))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, wakeUp, &event) == 0 else {
            let failure = SystemCallFailure("epoll_ctl")
            Glibc.close(wakeUp)
            Glibc.close(epoll)
            throw failure
        }
        try startThread()
    }

    private func startThread() throws(SystemCallFailure) {
        let id = try OwnThread.start { self.loop() }
        thread.withLock { $0 = id }
    }

    /// Ends the thread after the jobs that are already there; the descriptors are closed by the thread itself.
    package func stop() {
        inbox.withLock { $0.isStopping = true }
        wake()
    }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        push(.job(UnownedJob(job)))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func checkIsolated() {
        precondition(isOnThread, "reactor state touched from another thread")
    }

    /// Runs `call` on the reactor's thread, after what is already queued.
    package func submit(_ call: @escaping @Sendable (ReactorExecutor) -> Void) {
        push(.call(call))
    }

    private func push(_ item: Item) {
        let mustWake = inbox.withLock { inbox in
            inbox.items.append(item)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustWake { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = Glibc.write(wakeUp, &one, 8)
    }

    private var isOnThread: Bool {
        thread.withLock { id in id.map { pthread_equal($0, pthread_self()) != 0 } ?? true }
    }

    // MARK: Loop

    private func loop() {
        while true {
            runInbox()
            guard let timeout = sleepTime() else { break }
            let now = deliverEvents(waiting: timeout)
            // Only now, and only for deadlines that had passed before the kernel was asked: what came in time, while this
            // thread was kept from running, is an answer and no time-out.
            parking.expire(at: now)
        }
        Glibc.close(wakeUp)
        Glibc.close(epoll)
    }

    /// Hands out all that the kernel has ready, after waiting for it up to `timeout` milliseconds. Answers an instant before
    /// which everything that had happened has been handed out.
    private func deliverEvents(waiting timeout: Int32) -> Instant {
        var asked = Instant.now
        var count = deliverOnce(waiting: timeout)
        if count == 0, timeout > 0 {
            // It slept until now, perhaps far longer than asked: look once more without sleeping.
            asked = .now
            count = deliverOnce(waiting: 0)
        }
        // Peers that are quicker than this loop must not keep it from its deadlines.
        var rounds = 0
        while count == events.count, rounds < Self.mostRounds {
            count = deliverOnce(waiting: 0)
            rounds += 1
        }
        return asked
    }

    /// Enough for 65,000 descriptors that are ready at once.
    private static let mostRounds = 256

    private func deliverOnce(waiting timeout: Int32) -> Int {
        let asked = Instant.now
        let count = Int(epoll_wait(epoll, &events, Int32(events.count), timeout))
        note(asked, waiting: timeout, until: .now)
        inbox.withLock { $0.isAsleep = false }
        // EINTR is no failure: nothing is ready, look again.
        for index in 0..<max(0, count) { deliver(events[index]) }
        return count
    }

    /// A sleep ends with what comes, or when it is due; what is later than that is our own lateness, and so is the time in which
    /// we did not look.
    private func note(_ asked: Instant, waiting timeout: Int32, until now: Instant) {
        let due = timeout < 0 ? now : asked + .milliseconds(Int(timeout))
        let hasSlept = timeout != 0 && now - asked > Self.leastSleep
        delivery = (now, hasSlept ? max(.zero, now - due) : now - heardUntil)
        heardUntil = min(now, due)
    }

    /// Below this there was something already.
    private static let leastSleep = Duration.microseconds(500)

    /// How long what is found now may have waited for this thread.
    func lateness(at now: Instant) -> Duration { delivery.lateness + (now - delivery.at) }

    private func runInbox() {
        let items = inbox.withLock { inbox in
            defer { inbox.items.removeAll(keepingCapacity: true) }
            return inbox.items
        }
        for item in items {
            switch item {
            case .job(let job):
                job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            case .call(let call): call(self)
            }
        }
    }

    /// Milliseconds for epoll_wait: 0 when work waits, -1 for ever, nil when the thread shall end.
    private func sleepTime() -> Int32? {
        let (hasWork, isStopping) = inbox.withLock { inbox in
            inbox.isAsleep = inbox.items.isEmpty
            return (!inbox.items.isEmpty, inbox.isStopping)
        }
        if hasWork { return 0 }
        if isStopping { return nil }
        guard let deadline = parking.earliest else { return -1 }
        let nanoseconds = max(0, deadline.nanoseconds - Instant.now.nanoseconds)
        return Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }

    private func deliver(_ event: epoll_event) {
        if event.data.fd == wakeUp {
            var count: UInt64 = 0
            _ = Glibc.read(wakeUp, &count, 8)
            return
        }
        let bits = event.events
        let failed = bits & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        if failed || bits & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { markReady(event.data.fd, .readable) }
        if failed || bits & EPOLLOUT.rawValue != 0 { markReady(event.data.fd, .writable) }
    }

    private func markReady(_ descriptor: Int32, _ interest: Interest) {
        guard let ticket = descriptors.markReady(descriptor, interest) else { return }
        // Whoever waited may have gone at its deadline, and left its ticket: then this edge is for the next to come.
        if !parking.wake(ticket, .ready) { _ = descriptors.markReady(descriptor, interest) }
    }

    // MARK: For `Reactor`, on its thread

    func register(_ descriptor: Int32) throws(SystemCallFailure) {
        checkIsolated()
        let bits = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        var event = epoll_event(events: bits, data: epoll_data(fd: descriptor))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw SystemCallFailure("epoll_ctl") }
        descriptors.add(descriptor)
    }

    func unregister(_ descriptor: Int32) {
        checkIsolated()
        var event = epoll_event()
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
        for ticket in descriptors.remove(descriptor) { parking.wake(ticket, .ready) }
    }

    func takeReadiness(_ descriptor: Int32, _ interest: Interest) -> Bool {
        checkIsolated()
        return descriptors.takeReadiness(descriptor, interest)
    }

    func newTicket() -> ParkingLot.Ticket { parking.newTicket() }

    func park(
        _ ticket: ParkingLot.Ticket, on descriptor: (Int32, Interest)?, until deadline: Instant?,
        _ continuation: UnsafeContinuation<Wake, Never>
    ) {
        checkIsolated()
        if let (descriptor, interest) = descriptor {
            // The caller looked before, but may have been off this thread since: an edge that came then comes no more.
            if descriptors.takeReadiness(descriptor, interest) { return continuation.resume(returning: .ready) }
            descriptors.setWaiter(ticket, descriptor, interest)
        }
        parking.park(ticket, until: deadline, continuation)
    }

    func wake(_ ticket: ParkingLot.Ticket, _ reason: Wake) {
        checkIsolated()
        parking.wake(ticket, reason)
    }
}

/// Why a parked task goes on.
package enum Wake: Sendable {
    case ready, deadline, cancelled
}

package enum Interest: Sendable {
    case readable, writable
}
