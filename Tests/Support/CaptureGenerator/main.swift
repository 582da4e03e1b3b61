// Writes a capture of mixed traffic: capture-generator --packets N --seed S FILE

import Foundation
import PacketBuilding

private func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data("capture-generator: \(text)\n".utf8))
    exit(2)
}

private var packets = 100_000
private var seed: UInt64 = 1
private var file: String?
private var arguments = CommandLine.arguments.dropFirst().makeIterator()
while let argument = arguments.next() {
    switch argument {
    case "--packets":
        guard let value = arguments.next().flatMap({ Int($0) }), value > 0 else { fail("--packets takes a number") }
        packets = value
    case "--seed":
        guard let value = arguments.next().flatMap({ UInt64($0) }) else { fail("--seed takes a number") }
        seed = value
    default:
        guard file == nil, !argument.hasPrefix("--") else { fail("usage: capture-generator --packets N --seed S FILE") }
        file = argument
    }
}
guard let file else { fail("usage: capture-generator --packets N --seed S FILE") }
guard FileManager.default.createFile(atPath: file, contents: nil), let output = FileHandle(forWritingAtPath: file)
else {
    fail("cannot write \(file)")
}

private var generator = CaptureGenerator(seed: seed)
private var capture = CaptureBytes()
do {
    for _ in 0..<packets {
        let frame = generator.next()
        capture.add(frame.bytes, at: frame.time)
        if capture.bytes.count > 1 << 20 { try output.write(contentsOf: Data(capture.take())) }
    }
    try output.write(contentsOf: Data(capture.take()))
    try output.close()
} catch {
    fail("cannot write \(file): \(error)")
}
