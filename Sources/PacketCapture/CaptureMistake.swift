import LinuxIO
import NetValues
import Observations

/// Why a capture cannot begin.
package enum CaptureMistake: Error, Hashable, Sendable {
    /// What was asked for is wrong here: no such interface, a filter that is none. In the words of libpcap where it has some.
    case wrongRequest(String)
    /// What was asked for is right, and we cannot do it.
    case unable(Inability)
}

extension Inability {
    /// No CAP_NET_RAW.
    package static func captureNotPermitted(on interface: String, _ reason: String) -> Inability {
        let program = ExecutablePath.current ?? "PATH-OF-leadsman"
        return Inability(
            .notPermitted, action: "capture on \(interface.escaped(limit: 40))", reason: reason,
            fix: "run as root; or `setcap cap_net_raw+ep \(program)`; in Kubernetes "
                + "`securityContext: {capabilities: {add: [NET_RAW]}}` on the container")
    }

    static func interfaceDown(_ interface: String) -> Inability {
        let name = interface.escaped(limit: 40)
        return Inability(
            .interfaceUnavailable, action: "capture on \(name)", reason: "the interface is down",
            fix: "bring it up (`ip link set \(name) up`), or capture on `any`")
    }

    static func captureBroken(on interface: String, _ reason: String) -> Inability {
        Inability(
            .interfaceUnavailable, action: "go on capturing on \(interface.escaped(limit: 40))",
            reason: reason.escaped(limit: 200), fix: "see whether the interface is still there (`ip link`)")
    }
}
