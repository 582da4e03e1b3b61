import NetValues
import Testing
import Wire

// Messages as Linux 6.18 writes them on a little-endian machine (strace -e trace=recvmsg ip …), numbers in that order.

@Suite struct NetlinkTests {
    @Test func messages_areGoneThroughByTheirLengths() {
        let bytes = message(type: 16, [1, 2, 3]) + message(type: 3, [0, 0, 0, 0])
        let span = bytes.span
        var messages = NetlinkMessages()
        let first = messages.next(in: span)
        #expect(first?.type == 16 && first?.body == 16..<19)
        let second = messages.next(in: span)
        #expect(second?.type == NetlinkMessages.done && second.flatMap { NetlinkMessages.failure($0, in: span) } == 0)
        #expect(messages.next(in: span) == nil)
    }

    @Test(arguments: [
        [UInt8](), [15, 0, 0, 0], [4, 0, 0, 0] + [UInt8](repeating: 0, count: 12),
        [255, 255, 255, 255] + [UInt8](repeating: 0, count: 40),
    ])
    func lengthsThatCannotBe_endIt(_ bytes: [UInt8]) {
        var messages = NetlinkMessages()
        #expect(messages.next(in: bytes.span) == nil)
    }

    @Test func aRefusal_isAPositiveErrno() {
        let bytes = message(type: 2, [0xff, 0xff, 0xff, 0xff])
        var messages = NetlinkMessages()
        let error = messages.next(in: bytes.span)
        #expect(error.flatMap { NetlinkMessages.failure($0, in: bytes.span) } == 1)
    }

    @Test func aLink_hasNameKindAndMaster() {
        // struct ifinfomsg: family, pad, type ARPHRD_ETHER, index 3, flags UP BROADCAST RUNNING LOWER_UP, change
        let head: [UInt8] = [0, 0, 1, 0, 3, 0, 0, 0, 0x43, 0x10, 1, 0, 0, 0, 0, 0]
        let body =
            head + attribute(3, Array("veth0\0".utf8)) + attribute(4, [0xdc, 5, 0, 0]) + attribute(10, [7, 0, 0, 0])
            + attribute(1, [2, 0, 0, 0, 0, 1]) + attribute(0x8000 | 18, attribute(1, Array("veth".utf8)))
        let link = LinkMessage(body.span, 0..<body.count)
        #expect(link?.name == "veth0" && link?.index == 3 && link?.mtu == 1500 && link?.master == 7)
        #expect(link?.kind == "veth" && link?.isUp == true && link?.hasCarrier == true && link?.isLoopback == false)
        #expect(link?.hardwareAddress?.description == "02:00:00:00:00:01")
    }

    @Test func anAddressOfAPointToPointLink_hasAPeer() {
        // struct ifaddrmsg: AF_INET, /32, flags PERMANENT, scope, index 4
        let body = [2, 32, 0x80, 0, 4, 0, 0, 0] + attribute(1, [198, 18, 0, 9]) + attribute(2, [198, 18, 0, 1])
        let found = AddressMessage(body.span, 0..<body.count)
        #expect(found?.address == IPAddress("198.18.0.1") && found?.peer == IPAddress("198.18.0.9"))
        #expect(found?.prefixLength == 32 && found?.isTentative == false)
    }

    @Test func flagsOfAnAddress_areTheWideOnes() {
        // IFA_FLAGS: TENTATIVE and DADFAILED
        let body =
            [10, 64, 0, 0, 4, 0, 0, 0] + attribute(1, [UInt8](repeating: 0xfd, count: 16))
            + attribute(8, [0x48, 0, 0, 0])
        let found = AddressMessage(body.span, 0..<body.count)
        #expect(found?.isTentative == true && found?.isDuplicate == true && found?.isDeprecated == false)
    }

    @Test func aRoute_hasTableMetricAndMTU() {
        // struct rtmsg: AF_INET, dst 24, src, tos, table 0 (RTA_TABLE says), proto static, scope, unicast, flags
        let body =
            [2, 24, 0, 0, 0, 4, 0, 1, 0, 0, 0, 0] + attribute(15, [0x2c, 1, 0, 0]) + attribute(1, [198, 18, 8, 0])
            + attribute(6, [55, 0, 0, 0]) + attribute(8, attribute(2, [0x78, 5, 0, 0]))
            + attribute(5, [198, 18, 1, 1]) + attribute(4, [3, 0, 0, 0])
        let route = RouteMessage(body.span, 0..<body.count)
        #expect(route?.destination.description == "198.18.8.0/24" && route?.table == 300 && route?.metric == 55)
        #expect(route?.mtu == 1400 && route?.hop.gateway == IPAddress("198.18.1.1") && route?.hop.interface == 3)
        #expect(route?.hops.isEmpty == true)
    }

    @Test func aRouteWithSeveralWays_hasThemAll() {
        // struct rtnexthop: length, flags, weight - 1, index
        let ways =
            [16, 0, 0, 2, 3, 0, 0, 0] + attribute(5, [198, 18, 1, 1])
            + [16, 0, 1, 0, 4, 0, 0, 0] + attribute(5, [198, 18, 5, 9])
        let body = [2, 24, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0] + attribute(1, [198, 18, 9, 0]) + attribute(9, ways)
        let route = RouteMessage(body.span, 0..<body.count)
        #expect(route?.hops.map(\.interface) == [3, 4] && route?.hops.map(\.weight) == [3, 1])
        #expect(route?.hops.map(\.isDead) == [false, true] && route?.hop.gateway == IPAddress("198.18.1.1"))
    }

    @Test func aGatewayOfTheOtherFamily_isTaken() {
        let body =
            [2, 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0]
            + attribute(18, [10, 0] + [0xfd] + [UInt8](repeating: 0, count: 14) + [1]) + attribute(4, [3, 0, 0, 0])
        #expect(RouteMessage(body.span, 0..<body.count)?.hop.gateway == IPAddress("fd00::1"))
    }

    @Test func whatWasLearntOfAPath_isNoRoute() {
        let body: [UInt8] = [2, 32, 0, 0, 254, 0, 0, 1, 0, 2, 0, 0]
        #expect(RouteMessage(body.span, 0..<body.count)?.isCached == true)
    }

    @Test func aRule_hasItsConditions() {
        // struct fib_rule_hdr: AF_INET, dst, src 32, tos, table, res, res, action, flags INVERT
        let body =
            [2, 0, 32, 0, 100, 0, 0, 1, 2, 0, 0, 0] + attribute(2, [198, 18, 1, 2]) + attribute(6, [100, 0, 0, 0])
            + attribute(16, [0xff, 0, 0, 0]) + attribute(20, [0xe8, 3, 0, 0, 0xd0, 7, 0, 0])
            + attribute(24, [80, 0, 90, 0]) + attribute(22, [6])
        let rule = RoutingRuleMessage(body.span, 0..<body.count)
        #expect(rule?.source?.description == "198.18.1.2/32" && rule?.preference == 100 && rule?.table == 100)
        #expect(rule?.isInverted == true && rule?.mark == 0 && rule?.mask == 0xff)
        #expect(rule?.users == 1000...2000 && rule?.destinationPorts == 80...90 && rule?.carrier == 6)
    }

    @Test func aNeighbour_hasStateAndAddress() {
        // struct ndmsg: AF_INET6, pad, index 3, state FAILED, flags ROUTER, type
        let body =
            [10, 0, 0, 0, 3, 0, 0, 0, 0x20, 0, 0x80, 0] + attribute(1, [0xfd] + [UInt8](repeating: 0, count: 14) + [9])
        let found = NeighbourMessage(body.span, 0..<body.count)
        #expect(found?.address == IPAddress("fd00::9") && found?.state == 32 && found?.isRouter == true)
        #expect(found?.hardwareAddress == nil)
    }

    /// AF_BRIDGE: a bridge's table of link addresses.
    @Test func otherFamilies_areNone() {
        let body: [UInt8] = [7, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0] + attribute(1, [198, 18, 0, 1])
        #expect(NeighbourMessage(body.span, 0..<body.count) == nil)
        #expect(RouteMessage(body.span, 0..<body.count) == nil)
    }

    @Test(arguments: NetlinkDumpRequest.Subject.allCases)
    func aRequest_isOneMessage(_ subject: NetlinkDumpRequest.Subject) {
        let bytes = NetlinkDumpRequest(subject, family: .v6, sequence: 7).bytes
        var messages = NetlinkMessages()
        let message = messages.next(in: bytes.span)
        #expect(message?.type == subject.rawValue && message?.flags == 0x301 && message?.sequence == 7)
        #expect(message?.body.upperBound == bytes.count && bytes[16] == 10)
    }
}

private func message(type: UInt16, _ body: [UInt8]) -> [UInt8] {
    let length = 16 + body.count
    var bytes: [UInt8] = [
        UInt8(length), 0, 0, 0, UInt8(truncatingIfNeeded: type), UInt8(type >> 8), 2, 0, 1, 0, 0, 0, 9, 0, 0, 0,
    ]
    bytes += body
    return bytes + [UInt8](repeating: 0, count: (4 - length % 4) % 4)
}

private func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    let length = 4 + value.count
    return [UInt8(length), 0, UInt8(truncatingIfNeeded: type), UInt8(type >> 8)] + value
        + [UInt8](repeating: 0, count: (4 - length % 4) % 4)
}
