import Manifests
import NetValues
import YAML

/// Addresses that MetalLB gives out: of an IPAddressPool, of an AddressPool (which says how it is announced, too), or of the ConfigMap that
/// it read before 0.13.
struct MetalLBPool {
    struct Span {
        let span: AddressSpan
        let text: String
        let place: ManifestPlace
    }

    let object: ManifestObject
    let name: String
    let spans: [Span]
    /// Of the ConfigMap.
    let isOld: Bool
    /// The ConfigMap, or the AddressPool, says `protocol: layer2`.
    let isLayer2: Bool
    let place: ManifestPlace

    static func all(in state: DeclaredState) -> [MetalLBPool] {
        ["IPAddressPool", "AddressPool"].flatMap { state.objects($0, "metallb.io") }.map(MetalLBPool.init(pool:))
            + state.objects("ConfigMap", "").compactMap(MetalLBPool.init(map:))
    }

    /// It gives addresses to Services that ask for none.
    var assignsByItself: Bool { isOld || object.spec?["autoAssign"]?.bool ?? object.spec?["auto-assign"]?.bool ?? true }

    /// Whether Services of a namespace may have its addresses; true where labels decide, which may be elsewhere.
    func serves(_ namespace: String) -> Bool {
        guard let allocation = object.spec?["serviceAllocation"], !isOld else { return true }
        let names = allocation["namespaces"]?.texts ?? []
        return names.isEmpty || names.contains(namespace) || allocation["namespaceSelectors"] != nil
    }

    private init(pool: ManifestObject) {
        object = pool
        name = pool.name
        isOld = false
        isLayer2 = pool.spec?["protocol"]?.text == "layer2"
        place = pool.place(pool.spec?.entry("addresses"))
        spans = (pool.spec?["addresses"]?.items ?? []).compactMap { item in
            item.text.flatMap { Self.span($0[...], pool.place(item)) }
        }
    }

    /// The text within is YAML in a string; what matters of it stands on lines of its own.
    private init?(map: ManifestObject) {
        guard map.name == "config", map.namespace == "metallb-system" || map.labels.values.contains("metallb"),
            let entry = map["data"]?.entry("config")
        else { return nil }
        let lines = map.lines(of: entry)
        guard let head = lines.first(where: { $0.text.contains("address-pools:") }) else { return nil }
        object = map
        name = "config"
        isOld = true
        isLayer2 = lines.contains { $0.text.contains("protocol:") && $0.text.contains("layer2") }
        place = head.place
        spans = lines.prefix(1000).compactMap { line in
            let text = line.text.drop { $0 == " " }
            guard text.hasPrefix("- ") else { return nil }
            return Self.span(text.dropFirst(2), line.place)
        }
    }

    /// `192.168.1.240-192.168.1.250`, `10.0.0.0/28`
    private static func span(_ text: Substring, _ place: ManifestPlace) -> Span? {
        let word = text.filter { $0 != " " && $0 != "\"" && $0 != "'" && $0 != "\r" }
        let ends = word.split(separator: "-").map { IPAddress($0) }
        if ends.count == 2, let first = ends[0], let last = ends[1] {
            return AddressSpan(first, last).map { Span(span: $0, text: word, place: place) }
        }
        guard word.contains("/"), let range = AddressRange(word) else { return nil }
        let width = range.address.bytes.count * 8 - range.length
        let count = width >= 127 ? UInt128.max >> 1 : (UInt128(1) << UInt128(width)) - 1
        let last = IPAddress(number: range.address.number + count, range.address.family)
        return AddressSpan(range.address, last).map { Span(span: $0, text: word, place: place) }
    }

    /// The spans of two pools that have addresses in common.
    func shared(with other: MetalLBPool) -> (own: Span, other: Span)? {
        for span in spans {
            if let found = other.spans.first(where: { $0.span.overlaps(span.span) }) { return (span, found) }
        }
        return nil
    }

    func contains(_ address: IPAddress) -> Span? {
        spans.first {
            $0.span.first.family == address.family && $0.span.first.number <= address.number
                && address.number <= $0.span.last.number
        }
    }
}

extension DeclaredState {
    /// The load balancers of this cluster have addresses of the own network.
    var hasPrivatePoolsOnly: Bool {
        let pools = MetalLBPool.all(in: self).filter { !$0.isOld }
        return !pools.isEmpty
            && pools.allSatisfy { pool in
                pool.spans.allSatisfy { !$0.span.first.isOfInternet && !$0.span.last.isOfInternet }
            }
    }
}

extension AddressSpan {
    func overlaps(_ other: AddressSpan) -> Bool {
        first.family == other.first.family && first.number <= other.last.number && other.first.number <= last.number
    }

    func overlaps(_ range: AddressRange) -> Bool {
        range.contains(first) || range.contains(last)
            || first.family == range.address.family && first.number <= range.address.number
                && range.address.number <= last.number
    }
}
