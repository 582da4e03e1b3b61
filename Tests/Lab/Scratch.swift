import Foundation
import Synchronization

/// The lab itself could not do something. Never what a scenario looks for.
struct LabFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A directory for one lab: `leadsman-lab-PID-NUMBER`. The pid says whose it is.
struct Scratch: Sendable {
    let path: String

    private static let prefix = "leadsman-lab-"
    private static let last = Atomic<Int>(0)
    private static let parent = URL(fileURLWithPath: NSTemporaryDirectory()).path

    init(for builder: LabBuilder) throws {
        let number = Self.last.wrappingAdd(1, ordering: .relaxed).newValue
        path = "\(Self.parent)/\(Self.prefix)\(getpid())-\(number)"
        // Nobody must be able to read the plan.
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        if builder == .user, geteuid() == 0 { chown(path, 65534, 65534) }
    }

    /// For what all labs of this process share.
    static func untilExit() throws -> Scratch {
        let scratch = try Scratch(for: .root)
        let isFirst = shared.withLock { shared in
            shared.append(scratch)
            return shared.count == 1
        }
        if isFirst { atexit { Scratch.shared.withLock { for scratch in $0 { scratch.remove() } } } }
        return scratch
    }

    private static let shared = Mutex<[Scratch]>([])

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func remove(_ name: String) { unlink("\(path)/\(name)") }

    func has(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }

    @discardableResult
    func write(_ name: String, _ text: String) -> String {
        let file = "\(path)/\(name)"
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o644]
        _ = FileManager.default.createFile(atPath: file, contents: Data(text.utf8), attributes: attributes)
        return file
    }

    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data(), as: UTF8.self)
    }

    func descriptor(writing name: String) throws -> Int32 {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LabFailure("cannot write \(path)/\(name)") }
        return descriptor
    }

    // MARK: What others left

    /// All directories of labs, with the process that made each.
    static func all() -> [(scratch: Scratch, owner: Int32)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return names.compactMap { name in owner(of: name).map { (Scratch(path: "\(parent)/\(name)"), $0) } }
    }

    init(path: String) { self.path = path }

    /// The process that made a directory of this name; nil when no lab of ours did.
    static func owner(of name: some StringProtocol) -> Int32? {
        guard name.hasPrefix(prefix) else { return nil }
        return name.dropFirst(prefix.count).split(separator: "-").first.flatMap { Int32($0) }
    }

    /// What a killed run left: its namespaces and servers ended with it, so this is only its directory.
    static func removeOrphans() {
        for (scratch, owner) in all() where isGone(owner) && !scratch.has("kept") { scratch.remove() }
    }

    /// Ends the labs that were left up, and removes what they left.
    /// - Returns: how many.
    static func removeKept() -> Int {
        let kept = all().filter { $0.scratch.has("kept") }
        for (scratch, _) in kept {
            if let keeper = scratch.keeper { kill(keeper, SIGKILL) }
            scratch.remove()
        }
        return kept.count
    }

    /// The process that holds the lab's world; nil when it is gone. A pid may be somebody else's by now, a command line may not.
    var keeper: Int32? {
        guard let pid = Int32(text("keeper").trimmingCharacters(in: .whitespacesAndNewlines)) else { return nil }
        let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
        return String(decoding: line, as: UTF8.self).contains(path) ? pid : nil
    }

    private static func isGone(_ pid: Int32) -> Bool { kill(pid, 0) != 0 && errno == ESRCH }
}
