/// The members of a JSON object in their order. Keys are compared byte for byte, not as Swift compares text.
package struct JSONObject: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package let key: String
        package var value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }

        /// By the length first: most names are told apart by that.
        fileprivate func isNamed(_ name: String) -> Bool {
            key.utf8.count == name.utf8.count && key.utf8.elementsEqual(name.utf8)
        }
    }

    package private(set) var members: [Member]

    package init() {
        members = []
    }

    /// Of members with the same key the last one counts.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        self.init()
        merge(members.map { Member($0, $1) })
    }

    /// For keys that are known to be different, as after parsing.
    package init(distinct members: [Member]) {
        self.members = members
    }

    package var isEmpty: Bool { members.isEmpty }

    package subscript(key: String) -> JSONValue? {
        get { members.first { $0.isNamed(key) }?.value }
        set {
            let index = members.firstIndex { $0.isNamed(key) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
        }
    }

    package func mapValues(_ transform: (JSONValue) -> JSONValue) -> JSONObject {
        JSONObject(distinct: members.map { Member($0.key, transform($0.value)) })
    }

    /// This object with the members of another one behind its own.
    package func followed(by other: JSONObject) -> JSONObject {
        var result = self
        result.merge(other.members)
        return result
    }

    /// Sets each member. With a table of the places once there are many: a stored report may have any number.
    private mutating func merge(_ others: [Member]) {
        guard others.count > Self.fewMembers else {
            for member in others { self[member.key] = member.value }
            return
        }
        var places = Dictionary(
            members.enumerated().map { (Array($1.key.utf8), $0) }, uniquingKeysWith: { first, _ in first })
        for member in others {
            let key = Array(member.key.utf8)
            if let place = places[key] {
                members[place].value = member.value
            } else {
                places[key] = members.count
                members.append(member)
            }
        }
    }

    private static let fewMembers = 32
}
