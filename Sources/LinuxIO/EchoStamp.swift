import NetValues

/// A moment on both clocks. The kernel stamps packets by the wall clock, which may step; the monotonic one tells when it did.
package struct EchoStamp: Sendable {
    package let monotonic: Instant
    package let wall: WallTime

    package init(monotonic: Instant, wall: WallTime) {
        self.monotonic = monotonic
        self.wall = wall
    }

    package static var now: EchoStamp { EchoStamp(monotonic: .now, wall: .now) }

    /// From this moment (just before sending) to the kernel's stamp of the reply, which was read at `read`. Without a stamp,
    /// or when the wall clock moved against the monotonic one meanwhile, the time until we read it.
    package func roundTrip(kernelStamp: Int64, read: EchoStamp) -> (span: Duration, isKernelStamped: Bool) {
        let elapsed = read.monotonic - monotonic
        guard kernelStamp > 0 else { return (elapsed, false) }
        // NTP slews by 500 ppm at most (adjtimex(2)); a quarter millisecond for being interrupted between the two clocks.
        let tolerance = Duration.microseconds(250) + elapsed / 1000
        let step = (read.wall - wall) - elapsed
        let span = WallTime(nanoseconds: kernelStamp) - wall
        guard step.magnitude <= tolerance, span >= .zero, span <= elapsed + tolerance else { return (elapsed, false) }
        return (min(span, elapsed), true)
    }
}

extension Duration {
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}
