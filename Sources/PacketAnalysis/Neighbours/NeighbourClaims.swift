import NetValues
import Observations
import Wire

/// Addresses and the link addresses that said they had them.
struct NeighbourClaims {
    enum Kind: Equatable {
        /// Who asks for another address says its own.
        case asking
        case answer(to: PacketAddress)
        case gratuitous
    }

    private struct Key: Hashable {
        let address: PacketAddress
        let place: NeighbourPlace
    }

    /// Every interface has addresses of both families, and a link-local one of its own: they say nothing of one another.
    private struct Interface: Hashable {
        let link: LinkAddress
        let isIPv6: Bool

        init(_ link: LinkAddress, _ address: PacketAddress) {
            self.link = link
            isIPv6 = address.isIPv6
        }
    }

    fileprivate struct State {
        var record: NeighbourClaim
        var last: LinkAddress?
        var probe: (link: LinkAddress?, time: Int64)?
    }

    /// Addresses and, for each, link addresses that are kept.
    private static let most = 10_000
    private static let mostOwners = 8
    /// An answer comes within a second (RFC 4861 section 10, RETRANS_TIMER).
    private static let answerTime: Int64 = 1_000_000_000
    /// From a probe to the end of the time in which a conflict shows (RFC 5227 section 1.1, ANNOUNCE_WAIT).
    private static let probeTime: Int64 = 2_000_000_000

    /// The latest question about an address, and who answered it first. Askers are told apart, since a bond may give each of them
    /// another link address of its own (`balance-alb`).
    private struct Question {
        let asker: PacketAddress
        let time: Int64
        var answer: LinkAddress?
    }

    private var states: [State] = []
    private var questions = RecentMap<Key, Question>(capacity: 4096)
    private var places: [Key: Int] = [:]
    private(set) var unlisted = 0

    mutating func claim(
        _ address: PacketAddress, at place: NeighbourPlace, by link: LinkAddress, _ kind: Kind, overrides: Bool = true,
        in frame: CapturedFrame
    ) {
        guard let index = index(of: Key(address: address, place: place)) else { return }
        states[index].meetProbe(by: link, at: frame.time, within: Self.probeTime)
        if kind == .gratuitous { states[index].record.gratuitous += 1 }
        guard let owner = states[index].owner(link, in: frame, most: Self.mostOwners) else {
            unlisted += 1
            return
        }
        states[index].record.owners[owner].claims += 1
        states[index].record.owners[owner].lastAt = frame.wallTime
        if !overrides { states[index].record.owners[owner].overridable += 1 }
        if case .answer(let asker) = kind {
            states[index].record.owners[owner].answers += 1
            if isSecondAnswer(Key(address: address, place: place), to: asker, by: link, at: frame.time) {
                states[index].record.doubleAnswers += 1
            }
        }
    }

    private mutating func isSecondAnswer(
        _ key: Key, to asker: PacketAddress, by link: LinkAddress, at time: Int64
    ) -> Bool {
        guard var question = questions.value(of: key), question.asker == asker,
            time &- question.time < Self.answerTime
        else { return false }
        guard let first = question.answer, first != link else {
            question.answer = link
            questions.set(key, question)
            return false
        }
        return true
    }

    /// Somebody asks for an address: whoever answers next answers this.
    mutating func ask(
        _ address: PacketAddress, at place: NeighbourPlace, from asker: PacketAddress, in frame: CapturedFrame
    ) {
        questions.set(Key(address: address, place: place), Question(asker: asker, time: frame.time, answer: nil))
    }

    /// Somebody asks whether an address is free.
    mutating func probe(
        _ address: PacketAddress, at place: NeighbourPlace, by link: LinkAddress?, in frame: CapturedFrame
    ) {
        guard let index = index(of: Key(address: address, place: place)) else { return }
        // Two that probe for one address at a time must both give it up (RFC 5227 section 2.1.1).
        states[index].meetProbe(by: link, at: frame.time, within: Self.answerTime)
        states[index].probe = (link, frame.time)
    }

    func isProbed(_ address: PacketAddress, at place: NeighbourPlace, by link: LinkAddress, in frame: CapturedFrame)
        -> Bool
    {
        guard let index = places[Key(address: address, place: place)], let probe = states[index].probe else {
            return false
        }
        return probe.link != link && frame.time &- probe.time < Self.probeTime
    }

    private mutating func index(of key: Key) -> Int? {
        if let index = places[key] { return index }
        guard states.count < Self.most else {
            unlisted += 1
            return nil
        }
        places[key] = states.count
        var record = NeighbourClaim(address: key.address, vlan: key.place.vlan)
        record.interface = key.place.interface
        states.append(State(record: record))
        return states.count - 1
    }

    /// Those that something was claimed of; what is in dispute first, then in order of appearance.
    func records(most: Int) -> [NeighbourClaim] {
        var addresses: [Interface: Int] = [:]
        for record in states.lazy.map(\.record) where !record.address.isLinkLocal {
            for owner in record.owners { addresses[Interface(owner.link, record.address), default: 0] += 1 }
        }
        let claimed = states.map(\.record).filter { !$0.owners.isEmpty || $0.probesAnswered > 0 }
        let isDisputed = { (claim: NeighbourClaim) in claim.owners.count > 1 || claim.probesAnswered > 0 }
        return (claimed.filter(isDisputed) + claimed.filter { !isDisputed($0) }).prefix(most).map { claim in
            var claim = claim
            for index in claim.owners.indices {
                claim.owners[index].addresses = addresses[Interface(claim.owners[index].link, claim.address)] ?? 1
            }
            return claim
        }
    }
}

extension NeighbourClaims.State {
    /// The owner's place in the list, new or known; nil when there is no room. Counts a change of owner.
    fileprivate mutating func owner(_ link: LinkAddress, in frame: CapturedFrame, most: Int) -> Int? {
        let known = record.owners.firstIndex { $0.link == link }
        if let last, last != link {
            record.changes += 1
            if known != nil { record.returns += 1 }
        }
        last = link
        if let known { return known }
        guard record.owners.count < most else { return nil }
        record.owners.append(
            .init(link: link, claims: 0, firstFrame: frame.number, firstAt: frame.wallTime, lastAt: frame.wallTime))
        return record.owners.count - 1
    }

    /// A claim while another one probes for the address.
    fileprivate mutating func meetProbe(by link: LinkAddress?, at time: Int64, within limit: Int64) {
        guard let probe, probe.link != link, time &- probe.time < limit else { return }
        record.probesAnswered += 1
        self.probe = nil
    }
}
