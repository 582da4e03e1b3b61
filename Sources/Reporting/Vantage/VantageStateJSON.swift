import JSON
import NetValues
import Observations
import Wire

extension VantageObservation {
    /// The member `state` of a report's vantage: as it was at the start, and what its counters grew by during the run (`grown`). Lists hold
    /// `mostListed` entries; `…Omitted` says how many more there are.
    package var json: JSONValue {
        var state = start.members
        state["grown"] = .object(
            JSONObject(growth.values.sorted { $0.key < $1.key }.map { ($0.key, .int(Int(clamping: $0.value))) }))
        return .object(state)
    }
}

extension VantageState {
    /// Of a node there may be thousands; a report is for reading.
    private static let mostListed = 256

    package var json: JSONValue { .object(members) }

    fileprivate var members: JSONObject {
        var object = JSONObject()
        add("interfaces", interfaces.map(\.json), and: omitted.interfaces, to: &object)
        // As `ip route` does: the table `local` repeats the addresses above.
        add("routes", routes.filter { $0.table != RoutingTable.local }.map(\.json), and: omitted.routes, to: &object)
        add("rules", rules.map(\.json), and: omitted.rules, to: &object)
        add("neighbours", neighbours.map(\.json), and: omitted.neighbours, to: &object)
        object["limits"] = .object(limits.members)
        object["settings"] = .object(settings.members)
        object["rights"] = .object(rights.members)
        object["cgroup"] = cgroup.map { .object($0.members) }
        object["pressure"] = pressure.isEmpty ? nil : .pressure(pressure)
        object["clock"] = clock.map { .object($0.members) }
        object["sockets"] = .object(JSONObject(sockets.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }))
        object["unread"] = .strings(unread)
        return object
    }

    private func add(_ name: String, _ entries: [JSONValue], and omitted: Int, to object: inout JSONObject) {
        object[name] = .array(Array(entries.prefix(Self.mostListed)))
        let more = omitted + max(0, entries.count - Self.mostListed)
        if more > 0 { object["\(name)Omitted"] = .int(more) }
    }
}

extension NetworkInterfaceState {
    fileprivate var json: JSONValue {
        var object = JSONObject([("name", .string(name)), ("index", .int(index))])
        object["kind"] = kind.map { .string($0) }
        object["up"] = .bool(isUp)
        object["carrier"] = .bool(hasCarrier)
        object["mtu"] = .int(mtu)
        object["hardwareAddress"] = hardwareAddress.map { .string($0.description) }
        object["master"] = master.map { .string($0) }
        object["rpFilter"] = reversePathFilter.map { .int($0) }
        object["addresses"] = .array(assignments.prefix(64).map(\.json))
        return .object(object)
    }
}

extension AddressAssignment {
    fileprivate var json: JSONValue {
        var object = JSONObject([("address", .string("\(address)/\(prefixLength)"))])
        object["state"] = state == .usable ? nil : .string(state.rawValue)
        object["peer"] = peer.map { .string($0.description) }
        return .object(object)
    }
}

extension RouteState {
    fileprivate var json: JSONValue {
        var object = JSONObject([("destination", .string(isDefault ? "default" : destination.description))])
        object["family"] = .string(family.rawValue)
        object["type"] = kind == .unicast ? nil : .string(kind.rawValue)
        object["gateway"] = gateway.map { .string($0.description) }
        object["interface"] = interface.map { .string($0) }
        object["from"] = source.map { .string($0.description) }
        object["source"] = preferredSource.map { .string($0.description) }
        object["metric"] = metric > 0 ? .int(metric) : nil
        object["mtu"] = mtu.map { .int($0) }
        object["table"] = .string(RoutingTable.name(table))
        object["origin"] = .string(origin)
        object["nextHops"] = nextHops.isEmpty ? nil : .array(nextHops.map(\.json))
        object["dead"] = isDead ? true : nil
        object["noCarrier"] = hasNoCarrier ? true : nil
        return .object(object)
    }
}

extension RouteState.NextHop {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["gateway"] = gateway.map { .string($0.description) }
        object["interface"] = interface.map { .string($0) }
        object["weight"] = .int(weight)
        object["dead"] = isDead ? true : nil
        object["noCarrier"] = hasNoCarrier ? true : nil
        return .object(object)
    }
}

extension RoutingRuleState {
    fileprivate var json: JSONValue {
        ["family": .string(family.rawValue), "preference": .int(preference), "rule": .string(description)]
    }
}

extension NeighbourState {
    fileprivate var json: JSONValue {
        var object = JSONObject([("address", .string(address.description)), ("interface", .string(interface))])
        object["hardwareAddress"] = hardwareAddress.map { .string($0.description) }
        object["state"] = .string(reachability.rawValue)
        object["router"] = isRouter ? true : nil
        return .object(object)
    }
}
