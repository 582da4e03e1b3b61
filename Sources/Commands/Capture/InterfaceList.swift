import NetValues
import PacketCapture

/// What `capture --list` prints: an interface a line.
enum InterfaceList {
    static func text(_ interfaces: [NetworkInterface]) -> String {
        let chosen = InterfaceChoice.current()
        let width = interfaces.map(\.name.utf8.count).max() ?? 0
        return interfaces.map { interface in
            let name = interface.name.escaped(limit: 40)
            let padding = String(repeating: " ", count: max(0, width - name.utf8.count))
            let addresses = interface.addresses.map(\.description).joined(separator: " ")
            let isChosen = interface.name == chosen.interface ? chosen.reason.map { "by default: \($0)" } ?? "" : ""
            let parts = [state(interface), addresses, isChosen].filter { !$0.isEmpty }
            return "\(name)\(padding)  \(parts.joined(separator: "  "))\n"
        }.joined()
    }

    private static func state(_ interface: NetworkInterface) -> String {
        if interface.name == NetworkInterface.any { return "all interfaces" }
        if !interface.isUp { return "down" }
        return interface.isRunning ? "up" : "up, no carrier"
    }
}
