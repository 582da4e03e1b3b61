import JSON
import NetValues
import Observations

extension VantageLimits {
    var members: JSONObject {
        var object = JSONObject()
        object["localPorts"] = localPorts.map { .string("\($0.lowerBound)-\($0.upperBound)") }
        object["reservedPorts"] = reservedPorts.flatMap { $0.isEmpty ? nil : .string($0) }
        object["conntrackCount"] = trackedConnections.map { .int($0) }
        object["conntrackMax"] = mostTrackedConnections.map { .int($0) }
        object["openFiles"] = openDescriptors.map { .int($0) }
        object["openFilesSoft"] = descriptors.map { .limit($0) }
        object["openFilesHard"] = mostDescriptors.map { .limit($0) }
        object["processes"] = processes.map { .limit($0) }
        object["threads"] = threads.map { .int($0) }
        object["pidsMax"] = groupTasks.map { .int($0) }
        object["pidsCurrent"] = runningGroupTasks.map { .int($0) }
        return object
    }
}

extension NetworkSettings {
    var members: JSONObject {
        var object = JSONObject()
        object["pingGroupRange"] = pingGroups.map { .string($0) }
        object["tcpMtuProbing"] = tcpMTUProbing.map { .int($0) }
        object["forwardsIPv4"] = forwardsIPv4.map { .bool($0) }
        object["forwardsIPv6"] = forwardsIPv6.map { .bool($0) }
        object["disablesIPv6"] = disablesIPv6.map { .bool($0) }
        return object
    }
}

extension VantageRights {
    var members: JSONObject {
        var object = JSONObject()
        object["user"] = user.map { .int($0) }
        object["effective"] = effective.map { .strings($0) }
        object["bounding"] = bounding.map { .strings($0) }
        object["seccomp"] = isFiltered.map { .bool($0) }
        object["pingSocket"] = pingSocket?.json
        object["pingSocketIPv6"] = pingSocketIPv6?.json
        object["rawSocket"] = rawSocket?.json
        object["packetSocket"] = packetSocket?.json
        return object
    }
}

extension VantageRights.SocketRight {
    fileprivate var json: JSONValue {
        switch self {
        case .granted: "granted"
        case .denied(let error): .string(error)
        }
    }
}

extension ControlGroupState {
    var members: JSONObject {
        var object = JSONObject([("version", .int(version)), ("path", .string(path))])
        object["processors"] = processors.map { .double($0) }
        object["throttledPeriods"] = throttledPeriods.map { .int($0) }
        object["throttledMs"] = throttledTime.map { .milliseconds($0) }
        object["memoryBytes"] = memory.map { .int($0) }
        object["memoryWorkingBytes"] = workingMemory.map { .int($0) }
        object["memoryMaxBytes"] = mostMemory.map { .int($0) }
        object["oomKills"] = memoryKills.map { .int($0) }
        object["pressure"] = pressure.isEmpty ? nil : .pressure(pressure)
        return object
    }
}

extension ClockState {
    var members: JSONObject {
        var object = JSONObject([
            ("synchronized", .bool(isSynchronized)), ("estimatedErrorMs", .milliseconds(estimatedError)),
            ("maximumErrorMs", .milliseconds(mostError)),
        ])
        object["leapSecond"] = announcesLeapSecond ? true : nil
        object["source"] = source.map { .string($0) }
        return object
    }
}

extension JSONValue {
    /// `unlimited` for what has no limit.
    fileprivate static func limit(_ number: Int) -> JSONValue { number == .max ? "unlimited" : .int(number) }

    /// Percent of the time, by resource.
    static func pressure(_ states: [PressureState]) -> JSONValue {
        .object(
            JSONObject(
                states.map { state in
                    var object = JSONObject([
                        ("some10", .double(state.someShort)), ("some60", .double(state.someMinute)),
                    ])
                    object["full10"] = state.fullShort.map { .double($0) }
                    object["full60"] = state.fullMinute.map { .double($0) }
                    return (state.resource.rawValue, .object(object))
                }))
    }
}
