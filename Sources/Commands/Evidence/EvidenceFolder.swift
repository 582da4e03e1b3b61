import CaptureFiles
import NetValues
import Observations
import PacketAnalysis
import Synchronization
import Wire

/// Where the packets of failed checks are kept: a small capture file each, named after its check.
final class EvidenceFolder: Sendable {
    private struct State {
        var files = 0
        /// The last number behind a name.
        var numbers: [String: Int] = [:]
        var problem: CaptureFileProblem?
        var leftOut = 0
    }

    private let path: String
    private let state = Mutex(State())

    /// Bytes of one file, and files of one run.
    private static let mostBytes = 1 << 20
    private static let mostFiles = 1000
    /// Files of one name in a folder.
    private static let mostNumbers = 100_000

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
        guard let first = frames.first, mayKeepMore() else { return nil }
        do throws(CaptureFileProblem) {
            let writer = try freshFile(Self.safeName(check), first.frame.linkType)
            do throws(CaptureFileProblem) {
                for kept in frames {
                    guard writer.bytesWritten + kept.bytes.count + 16 <= Self.mostBytes else { break }
                    try writer.write(kept.frame, kept.bytes.span)
                }
                try writer.close()
            } catch {
                // What is not whole is no evidence.
                Folder.remove(writer.name)
                throw error
            }
            return writer.name
        } catch {
            state.withLock { $0.problem = $0.problem ?? error }
            return nil
        }
    }

    private func mayKeepMore() -> Bool {
        state.withLock { state in
            guard state.files < Self.mostFiles else {
                state.leftOut += 1
                return false
            }
            state.files += 1
            return true
        }
    }

    /// A file that was not there before: what another run has kept stays.
    private func freshFile(_ stem: String, _ linkType: LinkType) throws(CaptureFileProblem) -> CaptureWriter {
        // Where names repeat, the search goes on where it was.
        var number = state.withLock { $0.numbers[stem, default: 0] }
        while true {
            number += 1
            do throws(CaptureFileProblem) {
                let name = number == 1 ? "\(stem).pcap" : "\(stem)-\(number).pcap"
                let writer = try CaptureWriter("\(path)/\(name)", linkType: linkType, isNew: true)
                state.withLock { $0.numbers[stem] = number }
                return writer
            } catch  where error.isTaken && number < Self.mostNumbers {
                continue
            }
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
