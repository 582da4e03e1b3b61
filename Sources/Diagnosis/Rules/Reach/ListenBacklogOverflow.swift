import NetValues
import Observations
import Planning
import Wire

/// The server's queue of new connections is full (catalogue section 7).
enum ListenBacklogOverflow: Rule {
    static let layer = Layer.reach
    static let explanation = FindingExplanation(
        id: "listen-backlog-overflow", severity: .error, title: "The server's queue of new connections is full",
        signals: [
            "in a capture: some connections to the port work, and of others the SYN stays unanswered or is answered only when it is sent again",
            "or the server repeats its SYN-ACK although the client acknowledged it",
            "everything else between the two hosts passes without loss",
            "of many connections at once some come about, the rest stay silent, and what is established gets no answer (probe flows)",
            "of ordinary checks side by side some come late by repeated SYNs or not at all, single ones are quick, and another port or ping of the host loses nothing (possible only)",
            "where the server is on this host, its kernel counts the overflow (TcpExt ListenOverflows)",
        ],
        lookalikes: [
            "tcp-filtered-drop: no connection to the port ever works",
            "packet-loss: data segments are lost as well",
            "snat-port-exhaustion: only from behind one address translation, beyond a number of connections",
            "asymmetric-routing: no connection gets any data through",
        ],
        traps: [
            "one connection that came late is an ordinary loss",
            "rate limits of firewalls for new connections look the same from outside",
        ],
        remedy: [
            "on the server: ss -ltn shows Recv-Q above Send-Q, nstat -az TcpExtListenOverflows rises",
            "have the application accept faster, raise its backlog and net.core.somaxconn, or add servers",
        ])

    static func findings(in evidence: Evidence) -> [Finding] {
        let targets = evidence.captures.flatMap { capture in
            capture.targets.map { (capture: capture, target: $0) }
        }
        return grouped(targets, by: \.target.server).compactMap { server, members in
            judge(server, members, evidence)
        } + OverflowUnderLoad.findings(in: evidence)
    }

    private static func judge(
        _ server: PacketEndpoint, _ members: [(capture: CaptureEvidence, target: PacketTarget)], _ evidence: Evidence
    ) -> Finding? {
        let targets = members.map(\.target)
        guard Queue(targets).isFull, !members.contains(where: { $0.capture.loses(server.address) }) else { return nil }
        let queue = Queue(targets)
        let broken = members.filter { Queue([$0.target]).broken > 0 }
        return finding(
            members[0].capture.subject(of: server), checks: broken.flatMap(\.capture.checkNames).unique(),
            confidence: queue.ignored > 0 ? .likely : .possible,
            summary:
                "\(server) takes some new connections and leaves others without an answer (\(queue.broken) of \(queue.flows)).",
            evidence: ["\(counted(queue.established, "connection")) to \(server) came about"]
                + broken.flatMap { lines($0.target) }.prefix(6) + members[0].capture.caution,
            cause: queue.ignored > 0
                ? "The listening socket's queue is full: the application does not accept as fast as clients come, and the kernel drops the end of the handshake."
                : "The listening socket's queue is full since the application does not accept fast enough; or a device on the way limits new connections."
        )
    }

    private static func lines(_ target: PacketTarget) -> [String] {
        target.lines(.halfOpen, limit: 2, \.halfOpenWords) + target.lines(.silence, limit: 2, \.silenceWords)
            + target.lines(.lateConnect, limit: 2) { flow in
                flow.tcp.synDelay.map {
                    "\(flow.names): \(counted(flow.tcp.fromA.syns, "SYN")), the first answered after \($0.spoken)"
                }
            }
    }

    /// Connections to one listening socket.
    private struct Queue {
        let flows: Int
        let established: Int
        let silent: Int
        let late: Int
        /// The end of their handshake was dropped.
        let ignored: Int
        var broken: Int { silent + late + ignored }

        init(_ targets: [PacketTarget]) {
            func sum(_ trouble: FlowTrouble) -> Int { targets.reduce(0) { $0 + $1.count(trouble) } }
            flows = targets.reduce(0) { $0 + $1.flows }
            established = targets.reduce(0) { $0 + $1.established }
            silent = sum(.silence)
            late = sum(.lateConnect)
            ignored = sum(.halfOpen)
        }

        /// A fifth is far beyond any loss that leaves the data alone.
        var isFull: Bool {
            established > late && ignored + silent > 0 && (ignored > 0 || broken >= 2) && broken * 5 >= flows
        }
    }
}
