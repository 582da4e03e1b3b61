import JSON

/// The JSON messages of iperf3: small, and written by C.
package enum IperfJSON {
    package static let mostBytes = 1 << 20

    /// Nil for what is no JSON object, or is larger than any of these messages.
    package static func object(_ bytes: [UInt8]) -> JSONObject? {
        do { return try JSONParser.parse(bytes, most: mostBytes).object } catch { return nil }
    }
}

extension JSONValue {
    /// A flag, or a number that is not 0, as C programs write one.
    var flag: Bool? { bool ?? number.map { $0 != 0 } }

    /// Whole, from 0 to `most`; anything else is none: iperf3 writes -1 as 18446744073709551615.
    func count(upTo most: Int = 1 << 60) -> Int? {
        guard let number, number >= 0, number <= Double(most) else { return nil }
        return Int(number)
    }
}
