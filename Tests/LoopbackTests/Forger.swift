import Glibc
import LinuxIO
import NetValues
import Observations
import ProbeKit
import Synchronization
import Testing
import Wire

/// A raw socket on loopback that sees a session's requests and forges answers to them.
struct Forger {
    /// An address of loopback for each, so that the tests do not hear one another, nor those of another run beside this one.
    private static let last = Atomic<UInt32>(.random(in: 0x7f10_0000...0x7fef_0000))

    let address: IPAddress
    private let socket: OwnedSocket

    /// A session to the forger's address, with 16 bytes of payload, and the forger.
    static func withSession(_ body: (EchoConversation, Forger) async throws -> Void) async throws {
        let forger = try Forger()
        try await EchoOpenerTests.withSession(to: forger.address.description, EchoSettings(size: 16)) {
            try await body($0, forger)
        }
    }

    init() throws {
        address = .v4(IPv4Address(bits: Self.last.wrappingAdd(1, ordering: .relaxed).newValue))
        socket = try OwnedSocket(family: .v4, type: Int32(SOCK_RAW.rawValue), protocol: 1)
        try socket.bind(to: Endpoint(address, 0))
        try #require(socket.connect(to: Endpoint(.v4(IPv4Address(bits: 0x7f00_0001)), 0)) == 0)
    }

    /// Lets the session send, swallows the real reply, and returns the request as it was on the wire.
    func request(of session: EchoConversation, sequence: UInt16) async throws -> ICMPEcho {
        try #require(await session.send(sequence: sequence) == nil)
        guard case .reply(sequence, _, _, _)? = await session.receive(deadline: .now + .seconds(5)) else {
            throw Missing(what: "the real reply")
        }
        var buffer = [UInt8](repeating: 0, count: 2048)
        for _ in 0..<10_000 {
            let count = recv(socket.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { break }
            // Before it was bound the socket heard every test's requests, and keeps them.
            var reader = ByteReader(buffer.prefix(count))
            guard let header = try? IPv4Header(&reader), header.destination == address,
                case .echoRequest(let echo)? = try? ICMPMessage(decoding: reader.rest(), .v4),
                echo.sequence == sequence
            else { continue }
            return ICMPEcho(
                identifier: echo.identifier, sequence: echo.sequence, payload: ArraySlice(Array(echo.payload)))
        }
        throw Missing(what: "the request")
    }

    func send(_ packet: [UInt8]) { #expect(Glibc.send(socket.descriptor, packet, packet.count, 0) == packet.count) }

    /// An ICMP error with the IPv4 header and the first bytes of the request: eight, as RFC 792 has it, or more, and others.
    func error(
        type: UInt8, code: UInt8, quoting echo: ICMPEcho, destination: IPAddress? = nil, bytes: Int = 8,
        padding: [UInt8] = []
    ) -> [UInt8] {
        let destination = destination ?? address
        var header: [UInt8] = [0x45, 0, 0, 44, 0, 0, 0, 0, 64, 1, 0, 0, 127, 0, 0, 1] + destination.bytes
        let headerSum = internetChecksum(header[...])
        header.replaceSubrange(10..<12, with: [UInt8(headerSum >> 8), UInt8(truncatingIfNeeded: headerSum)])
        var message: [UInt8] = [type, code, 0, 0, 0, 0, 0, 0] + header + echo.request(.v4).prefix(bytes) + padding
        let sum = internetChecksum(message[...])
        message.replaceSubrange(2..<4, with: [UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum)])
        return message
    }

    struct Missing: Error { let what: String }
}
