import CFuzzer
import Glibc
import HostileInput

/// `Fuzzer seeds FOLDER` writes each target's seeds and words below FOLDER; otherwise the arguments are libFuzzer's, and
/// `FUZZ_TARGET` names the target, since libFuzzer starts this program again with its own arguments.
@main enum Fuzzer {
    nonisolated(unsafe) private static var target: FuzzTarget?

    static func main() {
        if CommandLine.arguments.dropFirst().first == "seeds" { return writeSeeds(below: CommandLine.arguments[2]) }
        let name = getenv("FUZZ_TARGET").map { String(cString: $0) }
        target = FuzzTarget.all.first { $0.name == name }
        guard target != nil else {
            stop("FUZZ_TARGET is one of \(FuzzTarget.all.map(\.name).joined(separator: " "))")
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { data, size in
                Fuzzer.check(UnsafeBufferPointer(start: data, count: size))
                return 0
            })
    }

    private static func check(_ bytes: UnsafeBufferPointer<UInt8>) {
        do { try target?.check(Array(bytes)) } catch {
            complain("VIOLATION: \(error)")
            abort()
        }
    }

    private static func writeSeeds(below folder: String) {
        for target in FuzzTarget.all {
            mkdir("\(folder)/\(target.name)", 0o755)
            for (number, seed) in target.seeds().enumerated() {
                write(seed, to: "\(folder)/\(target.name)/seed-\(number)")
            }
            let lines = target.words.map { word in
                "\"" + word.utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\"\n"
            }
            write(Array(lines.joined().utf8), to: "\(folder)/\(target.name).words")
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { stop("cannot write \(path)") }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    private static func stop(_ message: String) -> Never {
        complain("Fuzzer: \(message)")
        exit(3)
    }

    private static func complain(_ message: String) {
        let line = Array("\(message)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, line, line.count)
    }
}
