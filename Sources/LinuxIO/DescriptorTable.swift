/// What epoll last said of each registered descriptor, and who waits for it. Edge-triggered: readiness that nobody waited
/// for is remembered until it is taken.
struct DescriptorTable {
    private struct Slot {
        var isReadable = false
        var isWritable = false
        var reader: ParkingLot.Ticket?
        var writer: ParkingLot.Ticket?
    }

    private var slots: [Slot?] = []

    mutating func add(_ descriptor: Int32) {
        let index = Int(descriptor)
        while slots.count <= index { slots.append(nil) }
        slots[index] = Slot()
    }

    /// The tickets of those who still waited.
    mutating func remove(_ descriptor: Int32) -> [ParkingLot.Ticket] {
        let index = Int(descriptor)
        guard slots.indices.contains(index), let slot = slots[index] else { return [] }
        slots[index] = nil
        return [slot.reader, slot.writer].compactMap(\.self)
    }

    /// The ticket of who waits for this, which is thereby used up; without one the readiness is remembered.
    mutating func markReady(_ descriptor: Int32, _ interest: Interest) -> ParkingLot.Ticket? {
        change(descriptor) { slot in
            switch interest {
            case .readable:
                slot.isReadable = slot.reader == nil
                defer { slot.reader = nil }
                return slot.reader
            case .writable:
                slot.isWritable = slot.writer == nil
                defer { slot.writer = nil }
                return slot.writer
            }
        }
    }

    mutating func takeReadiness(_ descriptor: Int32, _ interest: Interest) -> Bool {
        change(descriptor) { slot in
            switch interest {
            case .readable:
                defer { slot.isReadable = false }
                return slot.isReadable
            case .writable:
                defer { slot.isWritable = false }
                return slot.isWritable
            }
        } ?? false
    }

    mutating func setWaiter(_ ticket: ParkingLot.Ticket, _ descriptor: Int32, _ interest: Interest) {
        change(descriptor) { slot in
            switch interest {
            case .readable: slot.reader = ticket
            case .writable: slot.writer = ticket
            }
        }
    }

    @discardableResult
    private mutating func change<Result>(_ descriptor: Int32, _ body: (inout Slot) -> Result?) -> Result? {
        let index = Int(descriptor)
        guard slots.indices.contains(index), var slot = slots[index] else { return nil }
        let result = body(&slot)
        slots[index] = slot
        return result
    }
}
