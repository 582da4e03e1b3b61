/// A literal that a test writes and that is right.
func known<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a literal of a test does not parse") }
    return value
}
