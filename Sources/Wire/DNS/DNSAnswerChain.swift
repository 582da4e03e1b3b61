import NetValues

extension DNSMessage {
    /// The records that answer a question: those of its name, or of the name that the aliases of the answer lead to (RFC 1034
    /// section 3.6.2). Records of other names answer nothing and are not believed (RFC 2181 section 5.4.1).
    package func records(for name: DomainName, _ type: DNSType) -> [DNSRecord] {
        let isOfType = { (record: DNSRecord) in record.type == type || type == .any }
        // Most answers hold no alias: then the names are compared as they stand.
        if type == .cname || type == .any || !answers.contains(where: { $0.type == .cname }) {
            return answers.filter { isOfType($0) && name.isSpelled($0.name) }
        }
        let owner = aliasChain(from: name).end
        return answers.filter { isOfType($0) && $0.owner == owner }
    }

    /// Aliases that lead back to one of themselves.
    package func hasAliasLoop(from name: DomainName) -> Bool { aliasChain(from: name).isLoop }

    /// Each name is passed once, so the walk is no longer than the answer.
    private func aliasChain(from name: DomainName) -> (end: String, isLoop: Bool) {
        // Most answers hold no alias.
        guard answers.contains(where: { $0.type == .cname }) else { return (name.canonical, false) }
        var targets: [String: String] = [:]
        for record in answers where record.type == .cname {
            if case .name(let target) = record.data { targets[record.owner] = Self.canonical(target) }
        }
        var current = name.canonical
        var passed: Set<String> = [current]
        while let next = targets[current] {
            guard passed.insert(next).inserted else { return (next, true) }
            current = next
        }
        return (current, false)
    }

    fileprivate static func canonical(_ name: String) -> String {
        (name.hasSuffix(".") ? name.dropLast() : name[...]).lowercasedASCII()
    }
}

extension DNSRecord {
    /// As `DomainName.canonical` writes it.
    fileprivate var owner: String { DNSMessage.canonical(name) }
}
