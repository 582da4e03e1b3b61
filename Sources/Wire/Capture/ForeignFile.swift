import NetValues

/// What a file is that is no capture file of a known kind, by how it begins, and what can be done about it.
package struct ForeignFile: Hashable, Sendable {
    /// As in "NAME is …".
    package let description: String
    package let fix: String

    private init(_ description: String, _ fix: String) {
        self.description = description
        self.fix = fix
    }

    /// - Parameter bytes: the first ones of the file, a few dozen as a rule; empty for an empty file.
    package init(beginningWith bytes: [UInt8]) {
        guard !bytes.isEmpty else {
            self.init("empty", "capture again, and look whether whatever wrote it was stopped before its first packet")
            return
        }
        if let known = Self.known.first(where: { bytes.starts(with: $0.magic) }) {
            self.init(known.description, known.fix)
        } else if let page = Self.page(bytes) {
            self = page
        } else {
            self.init("no capture file (it begins with \(bytes.escaped(limit: 16)))", Self.export)
        }
    }

    private static let export =
        "give a pcap or pcapng file, also gzipped: Wireshark's editcap writes one from other formats"

    private struct Known {
        let magic: [UInt8]
        let description: String
        let fix: String

        init(_ magic: [UInt8], _ description: String, _ fix: String) {
            self.magic = magic
            self.description = description
            self.fix = fix
        }

        init(capture magic: [UInt8], _ description: String) {
            self.init(magic, description, "convert it first: editcap -F pcapng FILE FILE.pcapng")
        }
    }

    private static let known: [Known] = [
        Known([0x1f, 0x8b], "compressed with gzip twice", "decompress it once: gunzip -c FILE | leadsman pcap -"),
        Known([0x28, 0xb5, 0x2f, 0xfd], "compressed with zstd", "decompress it: zstd -dc FILE | leadsman pcap -"),
        Known([0x04, 0x22, 0x4d, 0x18], "compressed with lz4", "decompress it: lz4 -dc FILE | leadsman pcap -"),
        Known([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "compressed with xz", "decompress it: xz -dc FILE | leadsman pcap -"),
        Known(Array("BZh".utf8), "compressed with bzip2", "decompress it: bzip2 -dc FILE | leadsman pcap -"),
        Known(Array("PK\u{3}\u{4}".utf8), "a zip archive", "unpack it and give the capture file in it"),
        Known(capture: Array("snoop\0\0\0".utf8), "a snoop capture"),
        Known(capture: Array("btsnoop\0".utf8), "a Bluetooth (btsnoop) capture"),
        Known(capture: Array("TRSNIFF data".utf8), "a Sniffer capture"),
        Known(capture: Array("GMBU".utf8), "a Network Monitor capture"),
        Known(capture: Array("RTSS".utf8), "a Network Monitor capture"),
        Known(capture: Array("iptrace ".utf8), "an AIX iptrace capture"),
        Known(capture: [0xa1, 0x2b, 0x3c, 0x4d], "a pcap of a Navtel device"),
        Known([0x7f, 0x45, 0x4c, 0x46], "a program (ELF)", export),
    ]

    /// Text of some kind, such as the page of a proxy that was saved in place of the file.
    private static func page(_ bytes: [UInt8]) -> ForeignFile? {
        let start = bytes.prefix(512)
        guard start.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || (0x09...0x0d).contains($0) }) else { return nil }
        let lowered = String(decoding: start, as: UTF8.self).lowercased()
        if lowered.contains("<html") || lowered.contains("<!doctype html") {
            return ForeignFile(
                "a web page (HTML)", "fetch the file again: a server or proxy sent a page in place of it")
        }
        if lowered.hasPrefix("{") || lowered.hasPrefix("[") {
            return ForeignFile("JSON text", export)
        }
        return ForeignFile(
            "text, no capture file (it begins with \"\(bytes.escaped(limit: 24))\")",
            "have tcpdump or tshark write packets with -w FILE, not their text")
    }
}
