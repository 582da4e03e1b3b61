"""Routers in user space, for what the kernel's do not: they see packets to 198.18.9.0/24 that a node is handed and does not forward, and
answer in the name of one router for each hop limit that is left.

packet_router.py MANNER...: how the first, the second … router answers; behind the last stands the target, 198.18.9.99.
    plain     time exceeded, with as much of the packet as came
    labels    the same with a stack of two labels behind it (RFC 4884, RFC 4950)
    old       the same without the length that RFC 4884 asks for
    short     quotes the IP header and eight bytes (RFC 792)
    foreign   quotes a packet that nobody here has sent
    source    quotes another source address and port than came
    raised    quotes a packet with seven hops left
    far       answers with a hop limit of its own that shows thirteen routers on the way back
    silent    says nothing
"""
import socket
import struct
import sys

TARGET = "198.18.9.99"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[:len(data) // 2 * 2])) + (data[-1] << 8 if len(data) % 2 else 0)
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def icmp(kind, code, rest, body):
    message = struct.pack("!BBHI", kind, code, 0, rest) + body
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def labelled(packet, length):
    entries = struct.pack("!II", 16001 << 12 | 3 << 9 | 1, 24 << 12 | 1 << 8 | 1)
    extension = struct.pack("!BBHHBB", 0x20, 0, 0, 4 + len(entries), 1, 1) + entries
    extension = extension[:2] + struct.pack("!H", checksum(extension)) + extension[4:]
    return icmp(11, 0, (32 << 16) if length else 0, packet[:128].ljust(128, b"\0") + extension)


def exceeded(manner, packet):
    header = (packet[0] & 15) * 4
    packet = packet[:8] + (b"\x07" if manner == "raised" else b"\x01") + packet[9:]
    if manner in ("labels", "old"):
        return labelled(packet, manner == "labels")
    if manner == "short":
        packet = packet[:header + 8]
    if manner == "foreign":
        packet = packet[:header + 8] + bytes(byte ^ 0x5a for byte in packet[header + 8:])
    if manner == "source":
        packet = packet[:12] + socket.inet_aton("203.0.113.7") + packet[16:header] + b"\x75\x30" + packet[header + 2:]
    return icmp(11, 0, 0, packet)


def answer(packet, header):
    if packet[9] == 1 and packet[header] == 8:
        return icmp(0, 0, struct.unpack("!I", packet[header + 4:header + 8])[0], packet[header + 8:])
    return icmp(3, 3, 0, packet)


def main():
    manners = sys.argv[1:]
    ether_ip = 0x0800
    listener = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ether_ip))
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("listening", flush=True)
    while True:
        packet = listener.recv(65536)
        header = (packet[0] & 15) * 4
        if packet[16:19] != bytes([198, 18, 9]) or packet[9] not in (1, 17):
            continue
        packet = packet[:struct.unpack("!H", packet[2:4])[0]]
        left, back = packet[8], 64
        if left <= len(manners):
            manner = manners[left - 1]
            if manner == "silent":
                continue
            source, message = f"198.18.9.{left}", exceeded(manner, packet)
            back = 64 - left - (10 if manner == "far" else 0)
        else:
            source, message = TARGET, answer(packet, header)
            back = 64 - len(manners)
        outer = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, back, 1, 0) + socket.inet_aton(source) + packet[12:16]
        sender.sendto(outer + message, (socket.inet_ntoa(packet[12:16]), 0))


main()
