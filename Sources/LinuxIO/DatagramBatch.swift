import CLinux
import NetValues

/// Where datagrams are read to, several by one call (recvmmsg).
struct DatagramBatch {
    private let capacity: Int
    private var headers: [leadsman_datagram]
    private var buffer: [UInt8]
    private var count = 0

    /// - Parameters:
    ///   - most: datagrams by one call; the kernel's side of it takes 64 at most.
    ///   - capacity: bytes kept of each; what is longer is cut.
    init(of most: Int, capacity: Int) {
        self.capacity = capacity
        headers = [leadsman_datagram](repeating: leadsman_datagram(), count: most)
        buffer = [UInt8](repeating: 0, count: capacity * most)
    }

    struct Datagram {
        let sender: Endpoint?
        /// From the first header that the socket gives on.
        let bytes: ArraySlice<UInt8>
        let hopLimit: Int?
        /// The kernel's, in nanoseconds of CLOCK_REALTIME; 0 when there is none.
        let stamp: Int64
    }

    enum Reception: Hashable {
        case nothing, some
        /// A pending error, as errno, which reading has cleared.
        case failed(Int32)
    }

    mutating func receive(from descriptor: Int32) -> Reception {
        let code = leadsman_receive_datagrams(descriptor, &headers, &buffer, UInt32(capacity), UInt32(headers.count))
        count = max(0, Int(code))
        return code == 0 ? .nothing : code < 0 ? .failed(-code) : .some
    }

    /// There was room for more than came.
    var hasRoom: Bool { count < headers.count }

    func forEach(_ body: (Datagram) -> Void) {
        for index in 0..<count {
            let header = headers[index]
            let start = index * capacity
            body(
                Datagram(
                    sender: Endpoint(header.sender), bytes: buffer[start..<start + min(Int(header.length), capacity)],
                    hopLimit: header.hop_limit < 0 ? nil : Int(header.hop_limit), stamp: header.received_realtime_ns))
        }
    }
}
