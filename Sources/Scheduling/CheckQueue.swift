import NetValues
import Planning

/// Which check may start next: those whose needs are met, within the limits overall and per host.
struct CheckQueue {
    let checks: [Check]
    private let limits: Limits
    private var running = 0
    private var runningOnHost: [Host: Int] = [:]
    /// Checks that wait for a place at their host.
    private var waitingForHost: [Host: Line] = [:]
    private var ready = Line()
    private var openNeeds: [Int]
    private var dependents: [Int: [Int]] = [:]
    private var isSettled: [Bool]

    init(_ checks: [Check], limits: Limits) {
        self.checks = checks
        self.limits = limits
        openNeeds = checks.map { Set($0.needs).count }
        isSettled = Array(repeating: false, count: checks.count)
        let hasNeeds = checks.contains { !$0.needs.isEmpty }
        if hasNeeds {
            let byName = Dictionary(checks.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
            for (index, check) in checks.enumerated() {
                for need in Set(check.needs) {
                    // The plan reader has refused unknown names.
                    if let needed = byName[need] {
                        dependents[needed, default: []].append(index)
                    } else {
                        openNeeds[index] -= 1
                    }
                }
            }
        }
        for index in checks.indices where openNeeds[index] == 0 { ready.append(index) }
    }

    /// Checks that have not ended.
    var unfinished: [Int] { isSettled.indices.filter { !isSettled[$0] } }

    /// The next check to start, which then counts as running; nil when none may start now.
    mutating func next() -> Int? {
        guard running < limits.inFlight else { return nil }
        while let index = ready.removeFirst() {
            if let host = checks[index].target.host {
                if runningOnHost[host, default: 0] >= limits.perTarget {
                    waitingForHost[host, default: Line()].append(index)
                    continue
                }
                runningOnHost[host, default: 0] += 1
            }
            running += 1
            return index
        }
        return nil
    }

    /// Undoes `next()` for a check that was not started after all.
    mutating func putBack(_ index: Int) {
        release(index)
    }

    /// Notes that a check has ended and answers which checks are thereby skipped, each with the need that was not met.
    mutating func finish(_ index: Int, mayFollow: Bool) -> [(index: Int, need: String)] {
        isSettled[index] = true
        release(index)
        if mayFollow {
            for dependent in dependents[index] ?? [] where !isSettled[dependent] {
                openNeeds[dependent] -= 1
                if openNeeds[dependent] == 0 { ready.append(dependent) }
            }
            return []
        }
        return skipDependents(of: index)
    }

    private mutating func skipDependents(of index: Int) -> [(index: Int, need: String)] {
        var skipped: [(index: Int, need: String)] = []
        var causes = [index]
        while let cause = causes.popLast() {
            for dependent in dependents[cause] ?? [] where !isSettled[dependent] {
                isSettled[dependent] = true
                skipped.append((dependent, checks[cause].name))
                causes.append(dependent)
            }
        }
        return skipped
    }

    private mutating func release(_ index: Int) {
        running -= 1
        guard let host = checks[index].target.host else { return }
        runningOnHost[host, default: 1] -= 1
        if runningOnHost[host] == 0 { runningOnHost[host] = nil }
        guard let next = waitingForHost[host]?.removeFirst() else { return }
        ready.append(next)
        if waitingForHost[host]?.isEmpty == true { waitingForHost[host] = nil }
    }
}

/// First in, first out, each in constant time.
private struct Line {
    private var items: [Int] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    mutating func append(_ item: Int) {
        items.append(item)
    }

    mutating func removeFirst() -> Int? {
        guard head < items.count else { return nil }
        defer {
            head += 1
            if head > 1024, head * 2 > items.count {
                items.removeFirst(head)
                head = 0
            }
        }
        return items[head]
    }
}
