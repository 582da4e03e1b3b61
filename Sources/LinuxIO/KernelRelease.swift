import Glibc

/// Of `uname -r`: the first two numbers.
package struct KernelRelease: Hashable, Comparable, Sendable {
    package let major: Int
    package let minor: Int

    package static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }

    package init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// `6.18.44-fc-v657`
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", maxSplits: 2)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix { $0.isNumber }) else {
            return nil
        }
        self.init(major: major, minor: minor)
    }

    static var running: KernelRelease? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        let bytes = withUnsafeBytes(of: names.release) { raw in Array(raw.prefix { $0 != 0 }) }
        return KernelRelease(String(decoding: bytes, as: UTF8.self))
    }
}
