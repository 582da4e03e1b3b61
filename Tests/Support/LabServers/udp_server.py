"""UDP services for the lab.

udp_server.py [--bind ADDRESS] SERVICE:PORT[:HOW]...
    without --bind on all addresses, both families (an answer then comes from the address that was asked only where there is one)
SERVICE  ntp, quic, sip, echo, deaf (takes everything and says nothing)
HOW      deny, unsynced (ntp) · second (answers each second request only) · foreign (answers what is no answer of the protocol)
"""

import itertools
import socket
import struct
import sys
import threading
import time

FOREIGN = b"\x00\x01 I am something else"


def ntp(request, how):
    if len(request) < 48 or request[0] & 7 != 3:
        return None
    now = time.time() + 2208988800
    stamp = struct.pack("!II", int(now), int(now % 1 * 2**32))
    leap, stratum, reference = {"deny": (3, 0, b"DENY"), "unsynced": (3, 0, b"\0\0\0\0")}.get(how, (0, 2, b"\xc6\x12\2\1"))
    return bytes([leap << 6 | 4 << 3 | 4, stratum, 6, 0xE9]) + bytes(8) + reference + stamp + request[40:48] + stamp + stamp


def quic(request, how):
    """Version negotiation (RFC 9000 section 17.2.1) for versions that are not known, in datagrams that are long enough."""
    if len(request) < 1200 or request[0] < 0x80 or request[1:5] in (b"\0\0\0\1", b"\x6b\x33\x43\xcf"):
        return None
    destination = request[6 : 6 + request[5]]
    rest = request[6 + request[5] :]
    source = rest[1 : 1 + rest[0]]
    ids = bytes([len(source)]) + source + bytes([len(destination)]) + destination
    return b"\x8a\0\0\0\0" + ids + struct.pack("!III", 1, 0x6B3343CF, 0xFF00001D)


def sip(request, how):
    lines = request.decode("latin-1").split("\r\n")
    if not lines[0].startswith("OPTIONS "):
        return None
    kept = [line for line in lines[1:] if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    return "\r\n".join(["SIP/2.0 200 OK"] + kept + ["Server: lab", "Content-Length: 0", "", ""]).encode()


SERVICES = {"ntp": ntp, "quic": quic, "sip": sip, "echo": lambda request, how: request, "deaf": lambda request, how: None}


def serve(listener, service, how):
    for number in itertools.count(1):
        request, sender = listener.recvfrom(65536)
        answer = FOREIGN if how == "foreign" else SERVICES[service](request, how)
        if answer is not None and not (how == "second" and number % 2):
            listener.sendto(answer, sender)


def main():
    words = sys.argv[1:]
    address = "::"
    if words[0] == "--bind":
        address, words = words[1], words[2:]
    for word in words:
        service, port, how = (word.split(":") + [None])[:3]
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        if address == "::":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((address, int(port)))
        threading.Thread(target=serve, args=(listener, service, how), daemon=True).start()
    print("listening", flush=True)
    threading.Event().wait()


main()
