import NetValues

/// A rule of the policy routing (RTM_GETRULE; ip-rule(8)): which table is asked for which packets, in order of preference.
package struct RoutingRuleState: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case table(Int)
        /// Goes on at the rule of this preference.
        case goTo(Int)
        case blackhole, unreachable, prohibit
        /// Nothing, or an action that this program does not know.
        case nothing
    }

    package var family: IPAddress.Family
    /// The lowest is asked first.
    package var preference: Int
    package var action: Action
    /// Nil matches every address.
    package var source: AddressRange?
    package var destination: AddressRange?
    /// `iif` and `oif`; `lo` as the incoming one stands for packets of this host.
    package var incoming: String?
    package var outgoing: String?
    /// Packets whose mark is `mark` under `mask`.
    package var mark: UInt32?
    package var mask: UInt32
    /// Users of this host (uidrange).
    package var users: ClosedRange<UInt32>?
    /// An IP protocol number, ports or a type of service that a packet must have.
    package var carrier: Int?
    package var sourcePorts: ClosedRange<UInt16>?
    package var destinationPorts: ClosedRange<UInt16>?
    package var typeOfService: Int
    /// `not`: holds for packets that do not match.
    package var isInverted: Bool
    /// A route with a prefix of this length or shorter is passed over (suppress_prefixlength), as WireGuard uses it.
    package var suppressedLength: Int?
    /// Asks the table of the VRF that the packet belongs to (l3mdev).
    package var asksVRF: Bool

    package init(
        family: IPAddress.Family, preference: Int, action: Action, source: AddressRange? = nil,
        destination: AddressRange? = nil, incoming: String? = nil, outgoing: String? = nil, mark: UInt32? = nil,
        mask: UInt32 = .max, users: ClosedRange<UInt32>? = nil, carrier: Int? = nil,
        sourcePorts: ClosedRange<UInt16>? = nil, destinationPorts: ClosedRange<UInt16>? = nil, typeOfService: Int = 0,
        isInverted: Bool = false, suppressedLength: Int? = nil, asksVRF: Bool = false
    ) {
        self.family = family
        self.preference = preference
        self.action = action
        self.source = source
        self.destination = destination
        self.incoming = incoming
        self.outgoing = outgoing
        self.mark = mark
        self.mask = mask
        self.users = users
        self.carrier = carrier
        self.sourcePorts = sourcePorts
        self.destinationPorts = destinationPorts
        self.typeOfService = typeOfService
        self.isInverted = isInverted
        self.suppressedLength = suppressedLength
        self.asksVRF = asksVRF
    }
}

extension RoutingRuleState {
    /// One of the three that every network namespace has: local, main, default.
    package var isStandard: Bool {
        guard case .table(let table) = action, [253, 254, 255].contains(table) else { return false }
        return self == RoutingRuleState(family: family, preference: preference, action: action)
            && [0, 32766, 32767].contains(preference)
    }
}

extension RoutingRuleState: CustomStringConvertible {
    /// As `ip rule` writes it: `100: from 198.18.1.2/32 lookup 100`.
    package var description: String {
        var words = "\(preference):\(isInverted ? " not" : "") from \(source.map(\.description) ?? "all")"
        if let destination { words += " to \(destination)" }
        if typeOfService != 0 { words += " tos 0x\(String(typeOfService, radix: 16))" }
        if let mark { words += " fwmark 0x\(String(mark, radix: 16))" + maskWords }
        if let incoming { words += " iif \(incoming)" }
        if let outgoing { words += " oif \(outgoing)" }
        if let users { words += " uidrange \(users.lowerBound)-\(users.upperBound)" }
        if let carrier { words += " ipproto \(carrier)" }
        if let sourcePorts { words += " sport \(Self.words(sourcePorts))" }
        if let destinationPorts { words += " dport \(Self.words(destinationPorts))" }
        return words + " " + actionWords
    }

    private var maskWords: String { mask == .max ? "" : "/0x\(String(mask, radix: 16))" }

    private var actionWords: String {
        switch action {
        case .table where asksVRF: "lookup [l3mdev-table]"
        case .table(let table):
            "lookup \(RoutingTable.name(table))"
                + (suppressedLength.map { " suppress_prefixlength \($0)" } ?? "")
        case .goTo(let preference): "goto \(preference)"
        case .blackhole: "blackhole"
        case .unreachable: "unreachable"
        case .prohibit: "prohibit"
        case .nothing: "nop"
        }
    }

    private static func words(_ ports: ClosedRange<UInt16>) -> String {
        ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)"
    }
}
