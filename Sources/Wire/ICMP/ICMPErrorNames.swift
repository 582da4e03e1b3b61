package func icmpErrorName(type: UInt8, code: UInt8, isV6: Bool) -> String { "ICMP \(type)/\(code)" }
