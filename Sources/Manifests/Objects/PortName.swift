/// Names of ports (IANA service names, RFC 6335 section 5.1, lower case as Kubernetes wants them).
package enum PortName {
    package static func isValid(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let isLetter = { (byte: UInt8) in (0x61...0x7a).contains(byte) }
        let isAllowed = { (byte: UInt8) in isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x2d }
        guard (1...15).contains(bytes.count), bytes.allSatisfy(isAllowed), bytes.contains(where: isLetter) else {
            return false
        }
        return bytes.first != 0x2d && bytes.last != 0x2d
            && !zip(bytes, bytes.dropFirst()).contains { $0 == 0x2d && $1 == 0x2d }
    }
}
