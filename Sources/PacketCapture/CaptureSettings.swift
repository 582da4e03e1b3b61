/// How a live capture is taken. What is set is what the kernel does for us; nothing of it touches the wire.
package struct CaptureSettings: Sendable {
    /// The name of an interface, or `any` for all of this network namespace.
    package var interface: String
    /// As pcap-filter(7); empty takes everything.
    package var filter = ""
    /// Bytes of each frame that are kept.
    package var snapLength = Self.headerSnapLength
    /// Bytes of the ring that kernel and process share.
    package var ringSize = 32 << 20
    package var delivery = Delivery.atOnce
    /// Take frames for other machines as well, where the network brings them here.
    package var isPromiscuous = false

    package init(interface: String) {
        self.interface = interface
    }

    /// When frames are handed over.
    package enum Delivery: Hashable, Sendable {
        /// Each when it comes (TPACKET_V2): slots of the snapshot length, so for short ones only.
        case atOnce
        /// In blocks of 256 KiB, when full or this many milliseconds after their first frame (TPACKET_V3).
        case inBlocks(milliseconds: Int32)
    }

    /// Every header through an overlay network, and the start of what they carry, by which it is recognised: DNS messages, a
    /// TLS hello up to the server's name, the first line of HTTP.
    package static let headerSnapLength = 512
    /// As tcpdump: more than any frame has.
    package static let wholeSnapLength = 262_144

    /// Frames up to this length: long ones need slots that are too large for delivery one by one.
    package mutating func take(upTo length: Int) {
        snapLength = length
        guard length > Self.longestSlot else { return }
        ringSize = 64 << 20
        delivery = .inBlocks(milliseconds: 100)
    }

    private static let longestSlot = 2048

    /// How long the kernel may hold a frame back.
    package var longestDelay: Duration {
        switch delivery {
        case .atOnce: .zero
        // The kernel's timer counts in jiffies of up to 10 ms.
        case .inBlocks(let milliseconds): .milliseconds(Int(milliseconds) + 50)
        }
    }
}
