import NetValues

/// The part of a capture that is asked for. Both ends belong to it; nil is open.
package struct CaptureTimeSpan: Hashable, Sendable {
    package enum Bound: Hashable, Sendable {
        case at(WallTime)
        /// After the first frame of all files.
        case afterFirst(Duration)
    }

    package var from: Bound?
    package var to: Bound?

    package init(from: Bound? = nil, to: Bound? = nil) {
        self.from = from
        self.to = to
    }

    /// In nanoseconds since 1970.
    func limits(first: Int64) -> ClosedRange<Int64> {
        let from = from.map { $0.time(first: first) } ?? .min
        let to = to.map { $0.time(first: first) } ?? .max
        return from <= to ? from...to : Int64.min...Int64.min
    }
}

extension CaptureTimeSpan.Bound {
    fileprivate func time(first: Int64) -> Int64 {
        switch self {
        case .at(let time): time.nanoseconds
        case .afterFirst(let span): (WallTime(nanoseconds: first) + span).nanoseconds
        }
    }
}
