import NetValues
import Observations
import PacketAnalysis
import PacketBuilding
import Wire

/// Frames of a capture in the making, with their times.
struct Scene {
    private(set) var frames: [(bytes: [UInt8], time: Int64)] = []
    /// 2026-01-01.
    static let start: Int64 = 1_767_225_600_000_000_000

    /// - Parameter seconds: since the start.
    mutating func add(_ frame: [UInt8], at seconds: Double) {
        frames.append((frame, Self.start + Int64((seconds * 1e9).rounded())))
    }

    /// - Parameter snapLength: bytes of each frame that were captured.
    func summary(_ settings: AnalysisSettings = AnalysisSettings(), snapLength: Int = .max) -> PacketSummary {
        var analyzer = PacketAnalyzer(settings)
        for (index, frame) in frames.enumerated() {
            let captured = Array(frame.bytes.prefix(snapLength))
            analyzer.add(
                CapturedFrame(
                    number: index + 1, time: frame.time, length: frame.bytes.count, linkType: .ethernet),
                captured.span)
        }
        return analyzer.summary()
    }

    var file: [UInt8] {
        var capture = CaptureBytes()
        for frame in frames { capture.add(frame.bytes, at: frame.time) }
        return capture.bytes
    }
}

extension Scene {
    /// A question of a resolver.
    mutating func ask(
        _ id: UInt16, _ name: String = "db.example.", _ type: DNSType = .a,
        from client: PacketEndpoint = "198.18.0.1:40000",
        of server: PacketEndpoint = "198.18.0.53:53", at seconds: Double
    ) {
        add(PacketBytes.frame(PacketBytes.udp(client, server, Self.query(id, name, type))), at: seconds)
    }

    mutating func answer(
        _ id: UInt16, _ name: String = "db.example.", rcode: DNSRcode = .noError, addresses: [String] = [],
        isTruncated: Bool = false, to client: PacketEndpoint = "198.18.0.1:40000",
        of server: PacketEndpoint = "198.18.0.53:53", at seconds: Double
    ) {
        let message = Self.response(id, name, rcode: rcode, addresses: addresses, isTruncated: isTruncated)
        add(PacketBytes.frame(PacketBytes.udp(server, client, message)), at: seconds)
    }

    static func query(_ id: UInt16, _ name: String = "db.example.", _ type: DNSType = .a) -> [UInt8] {
        let questions = DomainName(name).map { [DNSQuestion(name: $0, type: type)] } ?? []
        return DNSMessage(id: id, questions: questions).encoded()
    }

    static func response(
        _ id: UInt16, _ name: String = "db.example.", rcode: DNSRcode = .noError, addresses: [String] = [],
        isTruncated: Bool = false
    ) -> [UInt8] {
        let questions = DomainName(name).map { [DNSQuestion(name: $0, type: .a)] } ?? []
        let answers = addresses.compactMap(IPAddress.init).map {
            DNSRecord(name: name, type: $0.family == .v4 ? .a : .aaaa, ttl: 60, data: .address($0))
        }
        return DNSMessage(
            id: id, isResponse: true, isTruncated: isTruncated, rcode: rcode, questions: questions, answers: answers
        ).encoded()
    }
}
