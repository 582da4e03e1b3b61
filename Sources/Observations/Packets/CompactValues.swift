import NetValues

/// A count that takes half the room of an `Int`, and stays at the end of its range.
@propertyWrapper
package struct Small: Hashable, Sendable {
    private var stored: UInt32 = 0

    package init() {}

    package init(wrappedValue: Int) {
        self.wrappedValue = wrappedValue
    }

    package var wrappedValue: Int {
        get { Int(stored) }
        set { stored = UInt32(clamping: newValue) }
    }
}

/// An optional value in the room of one number.
@propertyWrapper
package struct Seldom<Value: NumberedValue>: Hashable, Sendable {
    private var stored = Int64.min

    package init() {}

    package init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    package var wrappedValue: Value? {
        get { stored == .min ? nil : Value(number: stored) }
        set { stored = newValue?.number ?? .min }
    }
}

/// A value that is one number; never the least of all.
package protocol NumberedValue {
    init(number: Int64)
    var number: Int64 { get }
}

extension Int: NumberedValue {
    package init(number: Int64) {
        self.init(number)
    }

    package var number: Int64 { Int64(self) }
}

/// Its nanoseconds.
extension Duration: NumberedValue {
    package init(number: Int64) {
        self = .nanoseconds(number)
    }

    package var number: Int64 { nanoseconds }
}

/// Nanoseconds since 1970.
extension WallTime: NumberedValue {
    package init(number: Int64) {
        self.init(nanoseconds: number)
    }

    package var number: Int64 { nanoseconds }
}
