"""Fills the connection table of this network namespace with entries of nobody, by ctnetlink (linux/netfilter/nfnetlink_conntrack.h).

fill_conntrack.py LEFT    until so many entries are free (then it prints "listening"); when others have taken these, it takes whatever
                          becomes free, as a busy node does. Needs a rule that tracks connections, or the table is not used.
"""

import socket
import struct
import sys
import time

NETLINK_NETFILTER = 12
NEW = 1 << 8
REQUEST, CREATE = 1, 0x400
NESTED = 0x8000
# IPS_SEEN_REPLY, IPS_ASSURED, IPS_CONFIRMED: what is not assured would be thrown out for a newcomer.
STATUS = 2 | 4 | 8


def attribute(kind, data):
    return struct.pack("=HH", len(data) + 4, kind) + data + bytes(-len(data) % 4)


def direction(kind, source, target, ports):
    addresses = attribute(1, source) + attribute(2, target)
    udp = attribute(1, b"\x11") + attribute(2, struct.pack(">H", ports[0])) + attribute(3, struct.pack(">H", ports[1]))
    return attribute(kind | NESTED, attribute(1 | NESTED, addresses) + attribute(2 | NESTED, udp))


def entry(number):
    source = struct.pack(">I", 0xC6130000 | number >> 14)
    target = struct.pack(">I", 0xC613FF01)
    port = 1024 + (number & 0x3FFF)
    body = struct.pack(">BBH", socket.AF_INET, 0, 0)
    body += direction(1, source, target, (port, 53)) + direction(2, target, source, (53, port))
    body += attribute(3, struct.pack(">I", STATUS)) + attribute(7, struct.pack(">I", 600))
    return struct.pack("=IHHII", len(body) + 16, NEW, REQUEST | CREATE, 0, 0) + body


def read(name):
    with open("/proc/sys/net/netfilter/nf_conntrack_" + name) as file:
        return int(file.read())


def fill(link, left, number):
    while (wanted := read("max") - left - read("count")) > 0:
        for _ in range(0, wanted, 100):
            size = min(100, wanted)
            link.send(b"".join(entry(number + place) for place in range(size)))
            number += size
            wanted -= size
        if number > 2 * read("max"):
            sys.exit("the table does not fill")
    return number


def main():
    left = int(sys.argv[1])
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    number = fill(link, left, 0)
    print("listening", flush=True)
    while read("count") < read("max"):
        time.sleep(0.005)
    while True:
        number = fill(link, 0, number)
        time.sleep(0.005)


main()
