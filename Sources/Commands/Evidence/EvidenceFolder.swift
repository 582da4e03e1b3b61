import CaptureFiles
import NetValues
import Observations
import PacketAnalysis
import Synchronization
import Wire

/// Where the packets of failed checks are kept: a small capture file each, named after its check.
final class EvidenceFolder: Sendable {
    private struct State {
        var names: Set<String> = []
        var problem: CaptureFileProblem?
        var leftOut = 0
    }

    private let path: String
    private let state = Mutex(State())

    /// Bytes of one file, and files of one run.
    private static let mostBytes = 1 << 20
    private static let mostFiles = 1000

    /// Makes the folder where it is not there.
    init(_ path: String) throws(Inability) {
        self.path = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
        try Folder.make(self.path)
    }

    /// What went wrong with the files, once.
    var problem: String? {
        state.withLock { state in
            if let problem = state.problem { return "cannot keep the packets of a check: \(problem)" }
            return state.leftOut > 0
                ? "\(state.leftOut) failed checks beyond the first \(Self.mostFiles) have no file of packets" : nil
        }
    }

    /// - Returns: the file, nil when none was written.
    func keep(_ frames: [KeptFrame], of check: String) -> String? {
        guard let first = frames.first, let name = freshName(for: check) else { return nil }
        let file = "\(path)/\(name)"
        do throws(CaptureFileProblem) {
            let writer = try CaptureWriter(file, linkType: first.frame.linkType)
            for kept in frames {
                guard writer.bytesWritten + kept.bytes.count + 16 <= Self.mostBytes else { break }
                try writer.write(kept.frame, kept.bytes.span)
            }
            try writer.close()
            return file
        } catch {
            state.withLock { $0.problem = $0.problem ?? error }
            return nil
        }
    }

    private func freshName(for check: String) -> String? {
        state.withLock { state in
            guard state.names.count < Self.mostFiles else {
                state.leftOut += 1
                return nil
            }
            let stem = Self.safeName(check)
            var name = "\(stem).pcap"
            var number = 2
            while state.names.contains(name) {
                name = "\(stem)-\(number).pcap"
                number += 1
            }
            state.names.insert(name)
            return name
        }
    }

    /// Letters, digits and a few marks; nothing that a shell or a file system takes for something else.
    static func safeName(_ name: String) -> String {
        let marks = Array("._-".utf8)
        var safe = name.utf8.map { byte -> UInt8 in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            return isPlain || marks.contains(byte) ? byte : UInt8(ascii: "-")
        }
        while let first = safe.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "-") { safe.removeFirst() }
        return safe.isEmpty ? "check" : String(decoding: safe.prefix(80), as: UTF8.self)
    }
}
