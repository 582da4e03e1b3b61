/// Bytes of payload that may be kept over all flows until the rest of a message comes.
struct PayloadRoom {
    private var left: Int

    init(bytes: Int) {
        left = bytes
    }

    /// - Returns: false when there is no room for it: whoever keeps it must let go of it.
    mutating func exchange(_ before: Int, for after: Int) -> Bool {
        left += before - after
        return left >= 0
    }

    mutating func free(_ bytes: Int) { left += bytes }
}
