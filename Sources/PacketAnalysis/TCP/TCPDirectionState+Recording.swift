import Wire

/// What the record wants of a segment beside tshark's rules.
extension TCPDirectionState {
    /// Called when the rules have taken the segment in.
    ///
    /// - Returns: what the payload brought; nil without payload.
    mutating func record(
        _ segment: TCPSegment, _ context: SegmentContext, _ flags: TCPAnalysisFlags, in pool: inout SegmentPool
    ) -> StreamTracker.Arrival? {
        counters.count(flags)
        if context.isCopy {
            if !flags.isDisjoint(with: [.anyRetransmission, .outOfOrder]) { copiesTakenForLoss &+= 1 }
            if flags.contains(.duplicateAck) { copiesTakenForDuplicateAcks &+= 1 }
        }
        if segment.flags.contains(.rst) {
            resets &+= 1
        } else {
            if !offers.contains(.usualHopLimit) {
                offers.insert(.usualHopLimit)
                usualHopLimit = context.hopLimit
            }
            recordWindow(segment)
        }
        // Who sends again is counted, not who is seen again.
        if segment.flags.contains(.syn), !context.isCopy { recordSYN(segment, context) }
        if segment.flags.contains(.fin), !context.isCopy { fins &+= 1 }
        guard segment.payloadLength > 0 else { return nil }
        return recordPayload(segment, context, flags, in: &pool)
    }

    private mutating func recordWindow(_ segment: TCPSegment) {
        let window = UInt32(segment.window)
        if segment.flags.contains(.syn) {
            largestWindow = max(largestWindow, window)
            return
        }
        let scaled = window &<< (scale.shift ?? 0)
        largestWindow = max(largestWindow, scaled)
        smallestWindow = min(smallestWindow, scaled)
    }

    private mutating func recordSYN(_ segment: TCPSegment, _ context: SegmentContext) {
        if segment.flags.contains(.ack) { synAcks &+= 1 } else { syns &+= 1 }
        if syns &+ synAcks == 1 { firstSYNAt = context.time }
        lastSYNAt = context.time
        if !offers.contains(.handshakeHopLimit) {
            offers.insert(.handshakeHopLimit)
            hopLimitOfHandshake = context.hopLimit
        }
        if let offered = segment.options.mss {
            offers.insert(.mss)
            mss = offered
        }
        if let offered = segment.options.windowScale {
            offers.insert(.windowScale)
            windowScale = offered
        }
        if segment.options.isSACKPermitted { offers.insert(.sack) }
        if segment.options.timestamp != nil { offers.insert(.timestamps) }
        if dataSegments == 0 { stream.begin(at: segment.sequence &+ 1) }
    }

    private mutating func recordPayload(
        _ segment: TCPSegment, _ context: SegmentContext, _ flags: TCPAnalysisFlags, in pool: inout SegmentPool
    ) -> StreamTracker.Arrival {
        let length = UInt32(clamping: segment.payloadLength)
        if dataSegments == 0 { firstDataAt = context.time }
        dataSegments &+= 1
        lastDataAt = context.time
        largestSegment = max(largestSegment, length)
        let arrival = stream.add(
            segment.flags.contains(.syn) ? segment.sequence &+ 1 : segment.sequence, length: length,
            identification: context.identification, isYoung: flags.contains(.outOfOrder), in: &pool)
        uniqueBytes &+= Int64(arrival.fresh)
        if arrival.fresh == 0, !context.isCopy, flags.isDisjoint(with: [.keepAlive, .zeroWindowProbe]) {
            repeated.add(segment.sequence, size: length)
        }
        return arrival
    }

    /// What its sender has sent and `acknowledged` does not cover.
    mutating func recordInFlight(acknowledged: UInt32) {
        let sent = next &- (acknowledged == 0 ? base &+ 1 : acknowledged)
        if sent < 1 << 30 { largestInFlight = max(largestInFlight, sent) }
    }

    /// The other direction's latest acknowledgement, which covers a segment of that size, and one exactly after that time.
    mutating func recordAcknowledged(largest: UInt32, roundTrip: Int64?) {
        if let roundTrip { roundTrips.add(roundTrip) }
        // A FIN takes a number and has no size.
        largestAcknowledged = max(largestAcknowledged, min(largest, largestSegment))
    }

    /// Gives back what it has of the pool.
    mutating func clear(in pool: inout SegmentPool) {
        unacked.removeAll(in: &pool)
        stream.removeAll(in: &pool)
    }
}
