import NetValues
import Observations
import Planning

extension SlowCheck {
    /// Who is to blame, by what takes most of the time.
    var cause: String {
        switch main {
        case .resolve: "The name takes most of the time: the resolver, not the target."
        case .connecting:
            "Time passes before an address accepts: others are tried first, or connections are accepted late."
        case .repeatedSYN:
            "A SYN or its answer was lost, and the kernel sends it again only after a second: the path or the server's queue of new connections dropped it."
        case .distance:
            "The way is long: each round trip takes this time even at its quickest, and the server is not to blame."
        case .queues:
            "The way is short at its best and slow now: packets wait in a queue on it, which a transfer or a narrow link fills. This is no distance."
        case .handshake:
            "The TLS handshake takes longer than its round trips: the server's processor, or something that it asks for certificates or keys."
        case .lostRequest:
            "Parts of the request were lost on the way and sent again: the network, not the server."
        case .server:
            "Name resolution, connect and TLS are quick; the time passes between the request and the first byte of the answer."
        case .transfer:
            "The answer begins in time and comes slowly: a narrow or lossy way, or a server that writes slowly."
        case .silence: "Some samples were not answered until their time-out, and count as that long at least."
        case nil:
            "The round trip itself takes this long: distance, queues or a detour on the path."
        }
    }

    /// The first thing to do; the rule's own remedy follows.
    var nextStep: String? {
        let host = check.check.target.host.map(\.description) ?? check.subject
        return switch main {
        case .resolve: "ask the resolver by itself, several times: leadsman dns NAME --samples 20"
        case .distance: "see where the way gets long: leadsman trace \(host)"
        case .queues:
            "look for the queue: leadsman throughput tells the round trip under load (a peer with leadsman throughput --listen, or iperf3)"
        case .transfer:
            "measure what the way carries: leadsman throughput, and leadsman ping \(host) --samples 200 for loss"
        case .handshake: "measure the handshake by itself: leadsman tls \(check.subject) --samples 20"
        case .repeatedSYN, .lostRequest: "measure loss to the same host: leadsman ping \(host) --samples 200"
        default: nil
        }
    }
}
