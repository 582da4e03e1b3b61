import Manifests
import NetValues

/// One end of a row: a workload, or the part of the world outside for which the same holds.
package enum ConnectivityEnd: Hashable, Sendable {
    /// An index into `DeclaredState.workloads`.
    case workload(Int)
    /// Every address outside the known pods.
    case external
    /// A range without some smaller ones, for which another row holds, or none.
    case range(AddressRange, except: [AddressRange])

    /// "shop/web[Deployment]", "external", "10.0.0.0/8".
    package func name(in state: DeclaredState) -> String {
        switch self {
        case .workload(let index): state.workloads[index].title
        case .external: "external"
        case .range(let range, _): range.description
        }
    }

    package var except: [AddressRange] { if case .range(_, let except) = self { except } else { [] } }
}

/// Two ends that may talk, and at which ports of the second.
package struct ConnectivityRow: Hashable, Sendable {
    package let from: ConnectivityEnd
    package let to: ConnectivityEnd
    package let ports: AllowedPorts
}

/// What holds in each region of a part of the world outside, told with as few ranges as it takes.
struct RegionRows {
    /// What holds at one place, and in all of its smaller ranges that have no row of their own.
    struct Row {
        let end: ConnectivityEnd
        /// The range that it was asked by.
        let place: AddressRange
        let ports: AllowedPorts
    }

    /// - Parameter ports: of one of the ranges of the regions, but for the smaller ones within it.
    static func rows(_ regions: AddressRegions, within range: AddressRange?, ports: (AddressRange) -> AllowedPorts)
        -> [Row]
    {
        let tree = RegionTree(regions, within: range)
        var values = tree.nodes.map { ports(regions.ranges[$0.region]) }
        // What nothing is left of takes the word of its parts: bottom up, so that they have theirs.
        for index in tree.nodes.indices.reversed() where !tree.nodes[index].hasRest {
            if index + 1 < values.count { values[index] = values[index + 1] }
        }
        var owners: [Int] = []
        var except: [Int: [AddressRange]] = [:]
        for (index, node) in tree.nodes.enumerated() {
            guard let parent = node.parent else {
                owners.append(index)
                continue
            }
            let isOwn = values[index] != values[parent]
            owners.append(isOwn ? index : owners[parent])
            if isOwn { except[owners[parent], default: []].append(node.range) }
        }
        let heads = tree.nodes.indices.filter { owners[$0] == $0 }
        if range == nil, except.isEmpty, let first = heads.first, heads.allSatisfy({ values[$0] == values[first] }) {
            return values[first].isEmpty
                ? [] : [Row(end: .external, place: regions.ranges[tree.nodes[first].region], ports: values[first])]
        }
        return heads.filter { !values[$0].isEmpty }.map { index in
            Row(
                end: .range(tree.nodes[index].range, except: except[index] ?? []),
                place: regions.ranges[tree.nodes[index].region], ports: values[index])
        }
    }
}

/// The named ranges within a range, or within everything, each after the one around it.
private struct RegionTree {
    struct Node {
        let range: AddressRange
        let region: Int
        let parent: Int?
        let hasRest: Bool
    }

    private(set) var nodes: [Node] = []

    init(_ regions: AddressRegions, within range: AddressRange?) {
        guard let range else {
            nodes = regions.ranges.indices.map { index in
                Node(
                    range: regions.ranges[index], region: index, parent: regions.parents[index],
                    hasRest: regions.hasRest[index])
            }
            return
        }
        let inside = regions.places(within: range)
        let around = regions.region(around: range)
        let isNamed = inside.contains(around)
        nodes = [
            Node(range: range, region: around, parent: nil, hasRest: regions.regions(of: range).contains(around))
        ]
        for place in inside where !(isNamed && place == around) {
            let parent = regions.parents[place].flatMap { inside.contains($0) && $0 != around ? $0 : nil }
            nodes.append(
                Node(
                    range: regions.ranges[place], region: place,
                    parent: parent.map { $0 - inside.lowerBound + (isNamed ? 0 : 1) } ?? 0,
                    hasRest: regions.hasRest[place]))
        }
    }
}
