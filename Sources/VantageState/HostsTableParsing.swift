import NetValues
import Observations

extension HostsTable {
    /// hosts(5): an address, then its names; `#` begins a comment. Lines that read otherwise are passed over, as every
    /// resolver does.
    package init(parsing text: String) {
        self.init()
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
            guard let first = words.first, let address = IPAddress(first) else { continue }
            for word in words.dropFirst() { add(address, for: word) }
        }
    }

    private mutating func add(_ address: IPAddress, for word: Substring) {
        guard let name = DomainName(word), !name.labels.isEmpty else { return }
        let known = addresses[name.canonical] ?? []
        if !known.contains(address), known.count < 64 { addresses[name.canonical] = known + [address] }
    }
}
