import NetValues

/// `980 B`, `12.3 kB`, `4.0 GB`: powers of ten, as links are sold.
func spoken(bytes: Int) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    let (value, unit) = scaled(Double(bytes), steps: units.count - 1)
    return unit == 0 ? "\(bytes) B" : "\(value) \(units[unit])"
}

/// `6.4 Mbit/s`; nil for what took no time.
func spoken(bytes: Int, over span: Duration) -> String? {
    guard span.nanoseconds > 0 else { return nil }
    let units = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s", "Pbit/s"]
    let (value, unit) = scaled(Double(bytes) * 8 / (Double(span.nanoseconds) / 1e9), steps: units.count - 1)
    return "\(value) \(units[unit])"
}

/// `1,003 packets/s`; nil for what took no time.
func spoken(packets: Int, over span: Duration) -> String? {
    guard span.nanoseconds > 0 else { return nil }
    let rate = Double(packets) / (Double(span.nanoseconds) / 1e9)
    guard rate < 1e15 else { return nil }
    return "\(rate < 10 ? rate.decimals(1) : grouped(Int(rate.rounded()))) packets/s"
}

/// `93 %`, `<1 %`
func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "0 %" }
    let share = 100 * Double(part) / Double(whole)
    return part > 0 && share < 0.95 ? "<1 %" : "\(share.decimals(0)) %"
}

private func scaled(_ value: Double, steps: Int) -> (text: String, step: Int) {
    var value = value
    var step = 0
    while value >= 999.5, step < steps {
        value /= 1000
        step += 1
    }
    return (value.decimals(step == 0 || value >= 99.95 ? 0 : 1), step)
}
