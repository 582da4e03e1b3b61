/// How a live capture is taken. What is set is what the kernel does for us; nothing of it touches the wire.
package struct CaptureSettings: Sendable {
    /// The name of an interface, or `any` for all of this network namespace.
    package var interface: String
    /// As pcap-filter(7); empty takes everything.
    package var filter = ""
    /// Bytes of each frame that are kept.
    package var snapLength = Self.headerSnapLength
    /// Bytes of the ring that kernel and process share.
    package var ringSize = 64 << 20
    /// Frames come in blocks of 256 KiB (TPACKET_V3), each when it is full or so many milliseconds after its first frame.
    ///
    /// Never one by one (TPACKET_V2, "immediate mode"): at each frame the kernel would wake us, on the time of who sends it.
    /// A sender over veth that reaches 314,000 packets a second under blocks came to 200,000.
    package var blockMilliseconds: Int32 = 100
    /// Take frames for other machines as well, where the network brings them here.
    package var isPromiscuous = false

    package init(interface: String) {
        self.interface = interface
    }

    /// Every header through an overlay network, and the start of what they carry, by which it is recognised: DNS messages, a
    /// TLS hello up to the server's name, the first line of HTTP.
    package static let headerSnapLength = 512
    /// As tcpdump: more than any frame has.
    package static let wholeSnapLength = 262_144

    /// How long the kernel may hold a frame back. Its timer counts in jiffies of up to 10 ms.
    package var longestDelay: Duration { .milliseconds(Int(blockMilliseconds) + 20) }
}
