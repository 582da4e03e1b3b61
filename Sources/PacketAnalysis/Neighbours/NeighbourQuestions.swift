import NetValues
import Observations
import Wire

/// Requests for link addresses that have had no answer yet.
struct NeighbourQuestions {
    private struct Key: Hashable {
        let address: PacketAddress
        let place: NeighbourPlace
    }

    private struct Asker {
        let address: PacketAddress
        var requests: Int
        let first: Int64
        var last: Int64
    }

    private static let mostAddresses = 10_000
    /// A router that many ask for counts as asked by the first few.
    private static let mostAskers = 4
    /// RFC 4861 section 10, RETRANS_TIMER; Linux asks again after as long over IPv4 (`neigh/default/retrans_time_ms`).
    private static let answerTime: Int64 = 1_000_000_000

    private var open: [Key: [Asker]] = [:]
    private(set) var unlisted = 0

    mutating func ask(
        _ address: PacketAddress, at place: NeighbourPlace, from asker: PacketAddress, in frame: CapturedFrame
    ) {
        let key = Key(address: address, place: place)
        guard address != asker, open[key] != nil || open.count < Self.mostAddresses else {
            if address != asker { unlisted += 1 }
            return
        }
        var askers = open.removeValue(forKey: key) ?? []
        if let index = askers.firstIndex(where: { $0.address == asker }) {
            askers[index].requests += 1
            askers[index].last = frame.time
        } else if askers.count < Self.mostAskers {
            askers.append(Asker(address: asker, requests: 1, first: frame.time, last: frame.time))
        }
        open[key] = askers
    }

    /// Whoever claims the address, the asker too, is there.
    mutating func answer(_ address: PacketAddress, at place: NeighbourPlace) {
        guard !open.isEmpty else { return }
        open[Key(address: address, place: place)] = nil
    }

    /// Asked more than once over more than the time of an answer, and long enough before the end; in order of time.
    func unanswered(until end: Int64, most: Int) -> [UnansweredNeighbour] {
        var all: [UnansweredNeighbour] = []
        for (key, askers) in open {
            for asker in askers where asker.requests > 1 {
                // Copies of one request at several interfaces are as many and take no time.
                guard asker.last &- asker.first >= Self.answerTime / 2, end &- asker.first >= Self.answerTime else {
                    continue
                }
                all.append(
                    UnansweredNeighbour(
                        address: key.address, asker: asker.address, requests: asker.requests,
                        firstAt: WallTime(nanoseconds: asker.first), lastAt: WallTime(nanoseconds: asker.last),
                        vlan: key.place.vlan))
            }
        }
        return Array(all.sorted { ($0.firstAt, $0.address.low) < ($1.firstAt, $1.address.low) }.prefix(most))
    }
}
