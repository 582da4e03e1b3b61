import NetValues
import Planning

/// Which check may start next: those whose needs are met, within the limits overall and per host.
struct CheckQueue {
    let checks: [Check]
    private let limits: Limits
    private var running = 0
    private var hosts: Places<Host>
    private var kinds: Places<String>
    private var ready = Line()
    private var openNeeds: [Int]
    private var dependents: [Int: [Int]] = [:]
    private var isSettled: [Bool]
    private var companies: Companies

    init(_ checks: [Check], limits: Limits) {
        self.checks = checks
        self.limits = limits
        hosts = Places { _ in limits.perTarget }
        kinds = Places { limits.perKind[$0] ?? limits.inFlight }
        companies = Companies(checks)
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
        // What runs beside a check must have begun: one more need.
        for index in companies.members { openNeeds[index] += 1 }
        for index in checks.indices where openNeeds[index] == 0 { makeReady(index) }
    }

    private mutating func makeReady(_ index: Int) {
        if companies.isLeader(index) { companies.ready.append(index) } else { ready.append(index) }
    }

    /// Checks that have not ended.
    var unfinished: [Int] { isSettled.indices.filter { !isSettled[$0] } }

    /// The next check to start, which then counts as running; nil when none may start now.
    mutating func next() -> Int? {
        // It takes no place of those that it waits for.
        if let leader = companies.ready.popLast() { return leader }
        guard running < limits.inFlight else { return nil }
        while let index = ready.removeFirst() {
            let check = checks[index]
            guard kinds.enter(check.kind, index) else { continue }
            if let host = check.target.host, !hosts.enter(host, index) {
                giveBackKind(of: check)
                continue
            }
            running += 1
            return index
        }
        return nil
    }

    /// Notes that a check has ended and answers which checks are thereby skipped, each with the need that was not met.
    mutating func finish(_ index: Int, mayFollow: Bool) -> [(index: Int, need: String)] {
        isSettled[index] = true
        begin(index)
        companies.leave(index)
        if mayFollow {
            for dependent in dependents[index] ?? [] where !isSettled[dependent] {
                openNeeds[dependent] -= 1
                if openNeeds[dependent] == 0 { makeReady(dependent) }
            }
            return []
        }
        return skipDependents(of: index)
    }

    /// A check that runs beside others has begun, or will never: those others may start.
    mutating func begin(_ index: Int) {
        for member in companies.begin(index) where !isSettled[member] {
            openNeeds[member] -= 1
            if openNeeds[member] == 0 { makeReady(member) }
        }
    }

    /// Checks beside which no other goes on any more, each told once.
    mutating func takeAlone() -> [Int] { companies.takeAlone() }

    private mutating func skipDependents(of index: Int) -> [(index: Int, need: String)] {
        var skipped: [(index: Int, need: String)] = []
        var causes = [index]
        while let cause = causes.popLast() {
            for dependent in dependents[cause] ?? [] where !isSettled[dependent] {
                isSettled[dependent] = true
                begin(dependent)
                companies.leave(dependent)
                skipped.append((dependent, checks[cause].name))
                causes.append(dependent)
            }
        }
        return skipped
    }

    /// Notes that a check no longer takes a place among those that run, though nothing may follow it yet.
    mutating func release(_ index: Int) {
        if companies.isLeader(index) { return }
        running -= 1
        giveBackKind(of: checks[index])
        if let host = checks[index].target.host, let next = hosts.leave(host) { ready.append(next) }
    }

    private mutating func giveBackKind(of check: Check) {
        if let next = kinds.leave(check.kind) { ready.append(next) }
    }
}

/// Places of which each key has so many, and who waits for one.
private struct Places<Key: Hashable & Sendable> {
    private let limit: (Key) -> Int
    private var taken: [Key: Int] = [:]
    private var waiting: [Key: Line] = [:]

    init(limit: @escaping (Key) -> Int) {
        self.limit = limit
    }

    /// False when there is none: the index then waits.
    mutating func enter(_ key: Key, _ index: Int) -> Bool {
        guard taken[key, default: 0] < limit(key) else {
            waiting[key, default: Line()].append(index)
            return false
        }
        taken[key, default: 0] += 1
        return true
    }

    /// Who waited longest for the place that is free now.
    mutating func leave(_ key: Key) -> Int? {
        taken[key, default: 1] -= 1
        if taken[key] == 0 { taken[key] = nil }
        let next = waiting[key]?.removeFirst()
        if waiting[key]?.isEmpty == true { waiting[key] = nil }
        return next
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
