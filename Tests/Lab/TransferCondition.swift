import ChildProcesses
import Foundation

/// Real transfers over Linux TCP under one condition of the way, captured at three places.
struct TransferCondition: Sendable {
    let name: String
    /// What the link between the client and the router does; nil leaves it to the kernel, which then hands on segments of up to
    /// 64 kB whole (offloading).
    var impairment: Impairment?
    /// Of Tests/Support/LabServers/transfer.py.
    var kinds = ["bulk", "ask", "short"]
    /// Counters that cannot be 0 at all places then.
    var brings: [String] = []

    static let all: [TransferCondition] = [
        TransferCondition(name: "unimpaired, offloaded"),
        TransferCondition(name: "unimpaired", impairment: Impairment()),
        TransferCondition(name: "1 % loss", impairment: Impairment(loss: 1)),
        TransferCondition(
            name: "5 % loss", impairment: Impairment(loss: 5),
            brings: ["retransmission", "fastRetransmission", "duplicateAck", "lostSegment"]),
        TransferCondition(
            name: "10 % reordered", impairment: Impairment(reorder: 10), brings: ["outOfOrder", "duplicateAck"]),
        TransferCondition(name: "5 % duplicated", impairment: Impairment(duplicate: 5)),
        TransferCondition(name: "20 ms delay", impairment: Impairment(delay: 20)),
        TransferCondition(name: "20 ms delay, 2 % loss", impairment: Impairment(delay: 20, loss: 2)),
        TransferCondition(name: "small receive buffer", kinds: ["stall"], brings: ["zeroWindow", "windowUpdate"]),
        TransferCondition(name: "idle, keep-alives", kinds: ["idle"], brings: ["keepAlive", "keepAliveAck"]),
        TransferCondition(name: "resets in the middle", impairment: Impairment(), kinds: ["reset"], brings: ["resets"]),
    ]

    /// Where tcpdump stands. At the router on all interfaces, where each packet is seen as it comes and as it goes; at the server
    /// with headers only.
    struct Place: Sendable {
        let name: String
        let node: String
        let options: [String]

        static let all = [
            Place(name: "client", node: "c", options: ["-i", "to-r"]),
            Place(name: "server", node: "s", options: ["-i", "to-r", "-s", "128"]),
            Place(name: "any", node: "r", options: ["-i", "any"]),
        ]

        var file: String { "\(name).pcap" }
    }

    /// What both programs count in the capture of each place.
    struct Comparison: Sendable {
        let condition: String
        let place: String
        let theirs: TransferCounts
        let ours: TransferCounts

        /// One line for each that differs.
        var differences: [String] {
            TransferCounts.names.filter { theirs[$0] != ours[$0] }.map { name in
                "\(condition), captured at \(place): tshark counts \(name) \(theirs[name]), leadsman \(ours[name])"
            }
                + (theirs.agreesOnHandshakes(with: ours)
                    ? []
                    : ["\(condition), captured at \(place): handshakes \(theirs.handshakes) ms, \(ours.handshakes) ms"])
        }
    }

    static let obstacle: String? = {
        if TsharkProgram.path == nil { return TsharkProgram.absence }
        return LabRights.path(of: "tcpdump") == nil ? "needs `tcpdump` (apt-get install tcpdump)" : nil
    }()

    func compare(_ binary: String) async throws -> [Comparison] {
        let changes: [LabChange] =
            [
                .server("s", .transfer, ["serve", "9000"]), .names("shop.test A 198.18.2.2"),
            ] + (impairment.map { [.impair("c", "r", $0)] } ?? [])
        return try await Lab.with(LabNetwork.clientRouterServer.wired(for: changes)) { lab in
            try await lab.apply(changes)
            let run = try await lab.world.run(script, seconds: 60)
            guard run.status == 0 else { throw LabFailure("\(name): \(run.errors)\(run.output)") }
            return try await Place.all.concurrentMap { place in
                let file = "\(lab.world.scratch.path)/\(place.file)"
                let report = try await lab.run(in: "c", [binary, "pcap", file, "--format", "json"], seconds: 60)
                return Comparison(
                    condition: name, place: place.name, theirs: try TransferCounts(tsharkOf: file),
                    ours: try TransferCounts(json: report.output))
            }
        }
    }

    /// The captures begin before the first packet, and end when each of them has the mark that the client sends last. It
    /// is sent until then: the link may lose it.
    private var script: String {
        let transfer = Shell.line([LabFiles.python, LabFiles.path(LabServer.transfer.rawValue, for: .root)])
        let ask = Shell.line([LabFiles.python, LabFiles.path(LabServer.client.rawValue, for: .root)])
        let mark =
            "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'END-OF-RECORDING', ('198.18.2.2', 9))"
        let files = Place.all.map(\.file).joined(separator: " ")
        return
            (["set -e"]
            + Place.all.map { place in
                "./enter \(place.node) tcpdump -Z root -n -U -B 65536 \(Shell.line(place.options)) -w \(place.file) 2> \(place.name).log & dumps=\"$dumps $!\""
            }
            + Place.all.map { "until grep -q 'listening on' \($0.name).log; do sleep 0.01; done" }
            + kinds.map { "./enter c \(transfer) \($0) 198.18.2.2 9000" }
            + [
                "./enter c \(ask) ask 198.18.2.2 shop.test 3",
                """
                until [ "$(grep -l END-OF-RECORDING \(files) | wc -l)" = \(Place.all.count) ]; do
                    ./enter c \(Shell.line([LabFiles.python, "-c", mark]))
                done
                kill -INT $dumps
                wait $dumps
                """,
            ]).joined(separator: "\n")
    }
}

extension Array where Element: Sendable {
    /// All at once, in the same order.
    fileprivate func concurrentMap<Result: Sendable>(
        _ transform: @escaping @Sendable (Element) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for (index, element) in enumerated() { group.addTask { (index, try await transform(element)) } }
            var results: [Int: Result] = [:]
            for try await (index, result) in group { results[index] = result }
            return indices.compactMap { results[$0] }
        }
    }
}
