import PacketCapture
import Testing

@Suite struct InterfaceChoiceTests {
    private static let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    private static let own = "eth0\t0010A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"

    private func choose(_ routes: String, ipv6: String = "") -> InterfaceChoice {
        .choice(ipv4Routes: Self.head + Self.own + routes, ipv6Routes: ipv6)
    }

    @Test("The default route with the least metric")
    func metric() {
        let wlan = "wlan0\t00000000\t0110A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
        let wire = "eth1\t00000000\t0110A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        #expect(choose(wlan + wire).interface == "eth1")
        #expect(choose(wlan).interface == "wlan0")
    }

    @Test("A route that rejects is none, nor is one that is down")
    func unusable() {
        let reject = "lo\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"
        let down = "eth1\t00000000\t0110A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n"
        #expect(choose(reject + down).interface == "any")
    }

    @Test("IPv6 alone")
    func ipv6() {
        let zero = String(repeating: "0", count: 32)
        let route =
            "\(zero) 00 \(zero) 00 fe80000000000000000000000000fffe 00000400 00000001 00000000 00000003     eth2\n"
        let unreachable = "\(zero) 00 \(zero) 00 \(zero) ffffffff 00000001 00000000 00200200       lo\n"
        #expect(choose("", ipv6: unreachable).interface == "any")
        let choice = choose("", ipv6: unreachable + route)
        #expect(choice.interface == "eth2" && choice.reason?.contains("IPv6") == true)
    }

    @Test(
        "Nothing that can be read",
        arguments: ["", "eth0", "eth0\t00000000\t1\tzz\t0\t0\t0\t00000000", "\t\t\t\t\t\t\t\t"])
    func odd(_ text: String) {
        #expect(InterfaceChoice.choice(ipv4Routes: "head\n" + text, ipv6Routes: text).interface == "any")
    }
}
