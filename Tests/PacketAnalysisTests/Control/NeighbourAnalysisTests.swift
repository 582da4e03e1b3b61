import NetValues
import Observations
import PacketAnalysis
import PacketBuilding
import Testing
import Wire

@Suite struct NeighbourAnalysisTests {
    private let a: LinkAddress = "02:00:00:00:00:0a"
    private let b: LinkAddress = "02:00:00:00:00:0b"
    private let asker: LinkAddress = "02:00:00:00:00:01"
    private let address: PacketAddress = "198.18.0.9"

    private func request(
        for target: PacketAddress, from sender: PacketAddress = "198.18.0.1", by link: LinkAddress? = nil
    )
        -> [UInt8]
    {
        PacketBytes.frame(PacketBytes.ARP(operation: 1, senderLink: link ?? asker, sender: sender, target: target))
    }

    private func reply(by link: LinkAddress, of sender: PacketAddress, to target: PacketAddress = "198.18.0.1")
        -> [UInt8]
    {
        PacketBytes.frame(
            PacketBytes.ARP(operation: 2, senderLink: link, sender: sender, targetLink: asker, target: target))
    }

    private func gratuitous(by link: LinkAddress) -> [UInt8] { request(for: address, from: address, by: link) }

    private func claim(_ scene: Scene) throws -> NeighbourClaim {
        try #require(scene.summary().neighbours.claims.first { $0.address == address })
    }

    @Test func twoHostsThatBothAnswer() throws {
        var scene = Scene()
        for round in 0..<3 {
            scene.add(request(for: address), at: Double(round))
            scene.add(reply(by: a, of: address), at: Double(round) + 0.001)
            scene.add(reply(by: b, of: address), at: Double(round) + 0.002)
        }
        let claim = try claim(scene)
        #expect(claim.owners.map(\.link) == [a, b])
        #expect(claim.owners.map(\.answers) == [3, 3])
        #expect(claim.changes == 5 && claim.returns == 4 && claim.doubleAnswers == 3)
        #expect(scene.summary().neighbours.conflicts == [claim])
        #expect(scene.summary().neighbours.unanswered.isEmpty)
    }

    @Test func aFailOverIsOneChange() throws {
        var scene = Scene()
        scene.add(request(for: address), at: 0)
        scene.add(reply(by: a, of: address), at: 0.001)
        scene.add(gratuitous(by: b), at: 10)
        scene.add(gratuitous(by: b), at: 10.1)
        scene.add(request(for: address), at: 11)
        scene.add(reply(by: b, of: address), at: 11.001)
        let claim = try claim(scene)
        #expect(claim.changes == 1 && claim.returns == 0 && claim.doubleAnswers == 0 && claim.gratuitous == 2)
        #expect(scene.summary().neighbours.gratuitous == 2)
    }

    @Test func aBondThatAnswersEachAskerItsOwnWay() throws {
        var scene = Scene()
        scene.add(request(for: address), at: 0)
        scene.add(request(for: address, from: "198.18.0.2", by: "02:00:00:00:00:02"), at: 0.001)
        scene.add(reply(by: a, of: address), at: 0.002)
        scene.add(reply(by: b, of: address, to: "198.18.0.2"), at: 0.003)
        let claim = try claim(scene)
        #expect(claim.doubleAnswers == 0)
    }

    @Test func aProxyClaimsManyAddresses() throws {
        var scene = Scene()
        for last in 1...5 {
            scene.add(
                reply(by: "ee:ee:ee:ee:ee:ee", of: PacketAddress(ipv4: 0xc612_0100 + UInt32(last))), at: Double(last))
        }
        let neighbours = scene.summary().neighbours
        #expect(neighbours.claims.count == 5 && neighbours.conflicts.isEmpty)
        #expect(neighbours.claims.allSatisfy { $0.owners.map(\.addresses) == [5] })
        #expect(neighbours.claims.allSatisfy { $0.owners.first?.link.sharing == .calico })
    }

    @Test func aProbeThatMeetsAnOwner() throws {
        var scene = Scene()
        scene.add(request(for: address, from: "0.0.0.0", by: b), at: 0)
        scene.add(reply(by: a, of: address, to: "0.0.0.0"), at: 0.001)
        let claim = try claim(scene)
        #expect(claim.probesAnswered == 1)
    }

    @Test func aProbeThatMeetsNobodyAndThenAnnounces() throws {
        var scene = Scene()
        for number in 0..<3 { scene.add(request(for: address, from: "0.0.0.0", by: b), at: Double(number)) }
        scene.add(gratuitous(by: b), at: 3.5)
        let claim = try claim(scene)
        #expect(claim.probesAnswered == 0 && claim.owners.map(\.link) == [b] && claim.changes == 0)
        #expect(scene.summary().neighbours.unanswered.isEmpty)
    }

    @Test func linksAreToldApartByTheirVLAN() {
        var scene = Scene()
        for (vlan, link) in [(UInt16(10), a), (20, b)] {
            let arp = PacketBytes.ARP(operation: 1, senderLink: link, sender: address, target: "198.18.0.1")
            scene.add(PacketBytes.frame(arp, vlans: [vlan]), at: Double(vlan))
        }
        let neighbours = scene.summary().neighbours
        #expect(neighbours.claims.map(\.vlan) == [10, 20] && neighbours.conflicts.isEmpty)
    }

    @Test func requestsThatNobodyAnswers() throws {
        var scene = Scene()
        for number in 0..<3 { scene.add(request(for: "198.18.0.77"), at: Double(number)) }
        // Asked once; and answered in the end.
        scene.add(request(for: "198.18.0.78"), at: 0)
        for number in 0..<3 { scene.add(request(for: "198.18.0.79"), at: Double(number)) }
        scene.add(reply(by: a, of: "198.18.0.79"), at: 3)
        let unanswered = scene.summary().neighbours.unanswered
        #expect(unanswered.map(\.address) == ["198.18.0.77"])
        #expect(unanswered.map(\.requests) == [3] && unanswered.map(\.asker) == ["198.18.0.1"])
    }

    @Test func zerosAndGroupsOwnNothing() {
        var scene = Scene()
        scene.add(reply(by: LinkAddress(bits: 0), of: address), at: 0)
        scene.add(reply(by: "ff:ff:ff:ff:ff:ff", of: address), at: 1)
        #expect(scene.summary().neighbours.claims.isEmpty)
    }

    @Test(arguments: [
        ("00:00:5e:00:01:0a", LinkAddress.Sharing.vrrp), ("00:00:5e:00:02:0a", .vrrp), ("00:00:0c:07:ac:01", .hsrp),
        ("00:00:0c:9f:f0:01", .hsrp), ("00:05:73:a0:00:01", .hsrp), ("00:07:b4:00:01:02", .glbp),
        ("02:bf:c6:12:00:01", .nlb), ("ee:ee:ee:ee:ee:ee", .calico),
    ])
    func addressesThatMove(_ text: String, _ sharing: LinkAddress.Sharing) {
        #expect(LinkAddress(stringLiteral: text).sharing == sharing)
        #expect(a.sharing == nil)
    }
}

@Suite struct NeighbourDiscoveryTests {
    private let target: PacketAddress = "fe80::9"
    private let a: LinkAddress = "02:00:00:00:00:0a"
    private let b: LinkAddress = "02:00:00:00:00:0b"

    private func message(
        _ type: UInt8, from source: PacketAddress, to destination: PacketAddress = "ff02::1", flags: UInt32 = 0,
        option: (UInt8, LinkAddress)? = nil, by link: LinkAddress, hopLimit: UInt8 = 255
    ) -> [UInt8] {
        var content: [UInt8] = []
        content.append(uint32: flags)
        content += target.address.bytes
        if let (code, link) = option {
            content += [code, 1] + (0..<6).map { UInt8(truncatingIfNeeded: link.bits >> UInt64(40 - 8 * $0)) }
        }
        let packet = PacketBytes.icmp(source, destination, type: type, content, .init(hopLimit: hopLimit))
        return PacketBytes.frame(packet, from: link)
    }

    @Test func advertisementsClaim() throws {
        var scene = Scene()
        scene.add(message(135, from: "fe80::1", option: (1, b), by: b), at: 0)
        scene.add(message(136, from: target, to: "fe80::1", flags: 0x6000_0000, option: (2, a), by: a), at: 0.001)
        let neighbours = scene.summary().neighbours
        #expect(neighbours.solicitations == 1 && neighbours.advertisements == 1 && neighbours.gratuitous == 0)
        #expect(Set(neighbours.claims.map(\.address)) == ["fe80::1", target])
        let claim = try #require(neighbours.claims.first { $0.address == target })
        #expect(claim.owners.map(\.link) == [a] && claim.owners.map(\.answers) == [1])
        #expect(claim.owners.map(\.overridable) == [0] && claim.probesAnswered == 0)
    }

    @Test func aProbeThatMeetsAnOwner() throws {
        var scene = Scene()
        scene.add(message(135, from: "::", by: b), at: 0)
        scene.add(message(136, from: target, flags: 0x2000_0000, option: (2, a), by: a), at: 0.2)
        let claim = try #require(scene.summary().neighbours.claims.first)
        #expect(claim.probesAnswered == 1 && claim.owners.map(\.link) == [a])
    }

    /// Every interface has one: it makes no host of two interfaces.
    @Test func linkLocalAddressesAreNotCounted() throws {
        var scene = Scene()
        for (link, own) in [(a, "fe80::1"), (b, "fe80::2")] as [(LinkAddress, PacketAddress)] {
            scene.add(message(135, from: own, option: (1, link), by: link), at: 0)
            scene.add(message(136, from: target, flags: 0x2000_0000, option: (2, link), by: link), at: 0.1)
        }
        let claim = try #require(scene.summary().neighbours.claims.first { $0.address == target })
        #expect(claim.owners.map(\.addresses) == [1, 1])
    }

    @Test func aProbeAndItsOwnAnnouncement() throws {
        var scene = Scene()
        scene.add(message(135, from: "::", by: b), at: 0)
        scene.add(message(136, from: target, flags: 0x2000_0000, option: (2, b), by: b), at: 1.2)
        let neighbours = scene.summary().neighbours
        #expect(neighbours.claims.map(\.probesAnswered) == [0] && neighbours.gratuitous == 1)
    }

    @Test func whatCameOverARouterIsNotBelieved() {
        var scene = Scene()
        scene.add(message(136, from: target, option: (2, a), by: a, hopLimit: 254), at: 0)
        #expect(scene.summary().neighbours.advertisements == 0)
    }
}
