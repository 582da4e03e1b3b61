"""A transparent proxy for the lab that goes by names, as firewalls for outgoing traffic do: connections are led to it
(nft redirect), it accepts them, reads the server name of a ClientHello or the Host of a request, and then relays or denies.

filter_proxy.py PORT [OPTION...]
--deny NAME     may be repeated; without it and --allow everything passes
--allow NAME    may be repeated: only these pass
--how HOW       reset (the default), close, 470 (Azure Firewall's answer to a plain request; TLS is reset), silent
"""

import argparse
import socket
import struct
import threading
import time


def server_name(hello):
    """Of a ClientHello that came whole in one piece (RFC 8446 section 4.1.2, RFC 6066 section 3)."""
    try:
        if hello[0] != 22:
            return None
        at = 5 + 4 + 2 + 32
        at += 1 + hello[at]
        at += 2 + int.from_bytes(hello[at : at + 2], "big")
        at += 1 + hello[at]
        end = at + 2 + int.from_bytes(hello[at : at + 2], "big")
        at += 2
        while at < end:
            kind, length = struct.unpack("!HH", hello[at : at + 4])
            if kind == 0:
                return hello[at + 9 : at + 4 + length].decode()
            at += 4 + length
    except (IndexError, struct.error):
        pass
    return ""


def host(request):
    for line in request.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "host":
            return value.strip().split(":")[0]
    return ""


def destination(connection):
    """Where the connection was meant to go (SO_ORIGINAL_DST)."""
    if connection.family == socket.AF_INET:
        raw = connection.getsockopt(socket.SOL_IP, 80, 16)
        return socket.inet_ntop(socket.AF_INET, raw[4:8]), int.from_bytes(raw[2:4], "big")
    raw = connection.getsockopt(socket.IPPROTO_IPV6, 80, 28)
    return socket.inet_ntop(socket.AF_INET6, raw[8:24]), int.from_bytes(raw[2:4], "big")


def pass_on(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def deny(connection, first, how):
    is_tls = first[:1] == b"\x16"
    if how == "silent":
        time.sleep(20)
    elif how == "470" and not is_tls:
        body = b"Action: Deny. Reason: No rule matched. Proceeding with default action."
        connection.sendall(b"HTTP/1.1 470 status code 470\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    elif how != "close":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def serve(connection, options):
    first = connection.recv(65536)
    if not first:
        return connection.close()
    name = (server_name(first) if first[:1] == b"\x16" else host(first)) or ""
    if name in options.deny or (options.allow and name not in options.allow):
        return deny(connection, first, options.how)
    try:
        server = socket.create_connection(destination(connection), timeout=5)
    except OSError:
        return connection.close()
    server.settimeout(None)
    server.sendall(first)
    back = threading.Thread(target=pass_on, args=(server, connection), daemon=True)
    back.start()
    pass_on(connection, server)
    back.join()
    connection.close()
    server.close()


def accept(listener, options):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, options), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--deny", action="append", default=[])
    parser.add_argument("--allow", action="append", default=[])
    parser.add_argument("--how", default="reset")
    options = parser.parse_args()
    # A socket of both families does not tell the destination of IPv4.
    listeners = [
        socket.create_server((address, options.port), family=family, backlog=256)
        for address, family in (("0.0.0.0", socket.AF_INET), ("::", socket.AF_INET6))
    ]
    print("listening", flush=True)
    for listener in listeners:
        threading.Thread(target=accept, args=(listener, options), daemon=True).start()
    threading.Event().wait()


main()
