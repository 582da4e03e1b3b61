import NetValues
import ProbeKit

/// 127.0.0.1 and ::1: every test of a transport runs on both.
let bothLoopbacks: [IPAddress] = [.v4(IPv4Address(bits: 0x7f00_0001)), .v6(IPv6Address(high: 0, low: 1))]

/// What the body throws; nil when it succeeds.
func interruption(_ body: () async throws(ProbeInterruption) -> Void) async -> ProbeInterruption? {
    do throws(ProbeInterruption) {
        try await body()
        return nil
    } catch {
        return error
    }
}
