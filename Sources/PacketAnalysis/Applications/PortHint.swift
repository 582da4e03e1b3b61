import Observations
import Wire

/// What a port is known for: believed only where the bytes were not captured.
enum PortHint {
    static func stream(_ context: PayloadContext) -> FlowRecord.Application? {
        stream(context.isFromA ? context.destination.port : context.source.port)
            ?? stream(context.isFromA ? context.source.port : context.destination.port)
    }

    static func datagram(_ context: PayloadContext) -> FlowRecord.Application? {
        datagram(context.isFromA ? context.destination.port : context.source.port)
            ?? datagram(context.isFromA ? context.source.port : context.destination.port)
    }

    private static func stream(_ port: UInt16) -> FlowRecord.Application? {
        switch port {
        case 22: .ssh
        case 25, 587: .smtp
        case 53: .dns
        case 80, 8080: .http
        case 389, 3268: .ldap
        case 443, 465, 636, 853, 993, 995, 5671, 6443, 8443: .tls
        case 3306: .mysql
        case 5432: .postgres
        case 6379: .redis
        default: nil
        }
    }

    private static func datagram(_ port: UInt16) -> FlowRecord.Application? {
        switch port {
        case 53: .dns
        case 67, 68, 546, 547: .dhcp
        case 123: .ntp
        case 443: .quic
        case 4789, 8472: .vxlan
        case 5353: .mdns
        case 6081: .geneve
        case 51_820: .wireguard
        default: nil
        }
    }
}
