/// A dictionary of bounded size that forgets what was not touched for longest, in two generations: when the younger one is full, it
/// becomes the elder, and what was left of that is gone.
struct RecentMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var younger: [Key: Value] = [:]
    private var elder: [Key: Value] = [:]
    private let generation: Int

    /// - Parameter capacity: never more than this, and at least the last half of it.
    init(capacity: Int) {
        generation = max(1, capacity / 2)
    }

    var count: Int { younger.count + elder.count }

    func value(of key: Key) -> Value? { younger[key] ?? elder[key] }

    mutating func set(_ key: Key, _ value: Value) {
        elder[key] = nil
        if younger.count >= generation, younger[key] == nil {
            elder = younger
            younger = Dictionary(minimumCapacity: generation)
        }
        younger[key] = value
    }

    /// Takes the value out, for changing it without a copy and setting it again.
    mutating func remove(_ key: Key) -> Value? {
        younger.removeValue(forKey: key) ?? elder.removeValue(forKey: key)
    }
}
