import CaptureFiles
import Wire

extension FuzzTarget {
    static let pcap = FuzzTarget("pcap", seeds: { pcapSeeds }, check: keepsWhateverThePieces)

    static let pcapng = FuzzTarget(
        "pcapng", words: ["\u{a}\u{d}\u{d}\u{a}", "\u{4d}\u{3c}\u{2b}\u{1a}", "\u{1a}\u{2b}\u{3c}\u{4d}"],
        seeds: { pcapngSeeds }, check: keepsWhateverThePieces)

    static let gzippedCapture = FuzzTarget("gzipped-capture", seeds: { gzipSeeds }, check: keepsWhateverThePieces)

    private struct Reading: Equatable {
        var frames: [CapturedFrame] = []
        var bytes: [UInt8] = []
        var backwardSteps = 0
        var problem: String?
    }

    /// Nil when the bytes are no capture at all.
    private static func read(_ bytes: [UInt8], piece: Int) throws -> Reading? {
        let reader: CaptureReader
        do { reader = try CaptureReader(bytes: bytes, name: "f", piece: piece) } catch {
            try hold(!error.found.isEmpty && !error.fix.isEmpty, "refused without a reason")
            try hold(!error.description.utf8.contains { $0 < 0x20 }, "a problem with control characters: \(error)")
            return nil
        }
        var reading = Reading()
        // A member of gzip may stand for a thousand times its size.
        let most = bytes.starts(with: [0x1f, 0x8b]) ? bytes.count * 1100 : bytes.count
        var held = 0
        while let frame = reader.next() {
            reading.frames.append(frame)
            let count = reader.withBytes { $0.count }
            held += count
            try hold(reading.frames.count <= most / 16, "\(reading.frames.count) records out of \(bytes.count) bytes")
            try hold(held <= most, "\(held) bytes in records out of \(bytes.count)")
            try hold(frame.number == reading.frames.count, "frame \(frame.number) at \(reading.frames.count)")
            try hold(frame.length >= count, "\(count) bytes of a frame of \(frame.length)")
            try hold(frame.interface >= 0, "interface \(frame.interface)")
            if reading.bytes.count < 1 << 16 {
                reader.withBytes { bytes in for index in bytes.indices { reading.bytes.append(bytes[index]) } }
            }
        }
        try hold(reader.isTruncated == !reader.problems.isEmpty, "cut, and not told why")
        try hold(reader.next() == nil, "a frame behind the end")
        reading.backwardSteps = reader.backwardSteps
        reading.problem = reader.problems.first
        return reading
    }

    private static func keepsWhateverThePieces(_ bytes: [UInt8]) throws {
        let whole = try read(bytes, piece: .max)
        for piece in [1, 7, 4096] where bytes.count <= 4096 * piece {
            var part = try read(bytes, piece: piece)
            // How much of the last record was there may be told differently, and where gzip gave up.
            try hold(
                (part?.problem == nil) == (whole?.problem == nil), "cut by pieces of \(piece) only, or not by them")
            part?.problem = whole?.problem
            try hold(part == whole, "other frames by pieces of \(piece)")
        }
    }

    // MARK: seeds

    private static let pcapSeeds: [[UInt8]] = [
        .hex(
            """
            d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000
            00f15365 40e20100 04000000 ea050000 01020304 01f15365 00000000 00000000 3c000000
            """),
        .hex(
            """
            a1b23c4d 0002 0004 00000000 00000000 00000060 00000071
            6553f100 075bcd15 00000002 00000002 0102 6553f0ff 3b9ac9ff 00000001 00000001 ff
            """),
        .hex(
            """
            34cdb2a1 0200 0400 00000000 00000000 ffffff7f 0c000000
            00000000 00000000 01000000 01000000 02000000 0008 00 00 aa
            """),
        .hex("d4c3b2a1 0200 0200 00000000 00000000 00000400 01000000 00000000 00000000 3c000000 02000000 aabb"),
    ]

    private static let pcapngSeeds: [[UInt8]] = [
        // Two interfaces, an enhanced, a simple and an obsolete packet, an unknown block, statistics.
        .hex(
            """
            0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
            01000000 28000000 0100 0000 00000400 0900 0100 09000000 0e00 0800 0a00000000000000 0000 0000 28000000
            01000000 14000000 7100 0000 60000000 14000000
            06000000 24000000 00000000 00000000 05000000 03000000 3c000000 01020300 24000000
            03000000 14000000 05000000 01020304 14000000
            02000000 24000000 0100 0000 00000000 06000000 02000000 3c000000 01020000 24000000
            ad0b0000 10000000 00000000 10000000
            05000000 30000000 00000000 00000000 00000000 0500 0800 0100000000000000 0700 0800 0200000000000000 30000000
            """),
        // Sections of either byte order.
        .hex(
            """
            0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
            00000001 0000001c 0065 0000 00000000 0009 0001 94000000 0000001c
            00000006 00000024 00000000 00000000 00100000 00000001 00000001 45000000 00000024
            0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
            01000000 14000000 0100 0000 00000000 14000000
            """),
    ]

    /// Three records: stored as they are, and as two members that are compressed.
    private static let gzipSeeds: [[UInt8]] = [
        .hex(
            """
            1f8b0800000000000403017c0083ffd4c3b2a1020004000000000000000000000004000100000001000000000000003c
            0000003c0000000101010101010101010101010101010101010101010101010101010101010101010101010101010101
            0101010101010101010101010101010101010102000000000000003c0000003c0000000202020202020202f2e21bf47c
            000000
            """),
        .hex(
            """
            1f8b0800000000000203bb7278d342260616060460616004928c509e0d1433520098d0cc62820200f2e21bf47c000000
            1f8b08000000000002036362221d303340800d143353000017d2c4ff80000000
            """),
    ]
}
