"""Transfers over TCP for captures. The client says in its first line what it wants of the server.

transfer.py serve PORT            on all addresses, both families (prints "listening")
transfer.py KIND HOST PORT        a transfer; prints nothing, and succeeds always:
    bulk      two megabytes down, and two megabytes up
    ask       forty requests and answers on one connection
    short     thirty connections of one request each
    stall     five hundred kilobytes to a reader with a small buffer, that reads nothing for a second at a time
    idle      a request, three seconds of nothing but the kernel's keep-alives, a request
    reset     a download that the server resets, and one that the client resets
"""

import socket
import struct
import sys
import threading
import time

BULK = 2_000_000


def reset_on_close(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def line(connection):
    got = b""
    while not got.endswith(b"\n"):
        piece = connection.recv(1)
        if not piece:
            return b""
        got += piece
    return got[:-1]


def drain(connection, count=None):
    """To the end, or so many bytes."""
    left = count
    while left is None or left > 0:
        piece = connection.recv(65536 if left is None else min(left, 65536))
        if not piece:
            return
        left = None if left is None else left - len(piece)


def answer(connection):
    with connection:
        while request := line(connection):
            word, size = request.split()
            if word == b"down":
                connection.sendall(b"d" * int(size))
            elif word == b"up":
                drain(connection, int(size))
                connection.sendall(b"done\n")
            elif word == b"break":
                connection.sendall(b"b" * int(size))
                time.sleep(0.1)
                return reset_on_close(connection)


def quietly(action, *words):
    try:
        action(*words)
    except OSError:
        pass


def serve(port):
    listener = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
    print("listening", flush=True)
    while True:
        threading.Thread(target=quietly, args=(answer, listener.accept()[0]), daemon=True).start()


def opened(place):
    connection = socket.create_connection(place, timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def bulk(place):
    with opened(place) as connection:
        connection.sendall(b"down %d\n" % BULK)
        drain(connection, BULK)
    with opened(place) as connection:
        connection.sendall(b"up %d\n" % BULK + b"u" * BULK)
        line(connection)


def ask(place):
    with opened(place) as connection:
        for number in range(40):
            connection.sendall(b"down %d\n" % (number * 97))
            drain(connection, number * 97)


def short(place):
    for _ in range(30):
        with opened(place) as connection:
            connection.sendall(b"down 3000\n")
            drain(connection, 3000)


def stall(place):
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(20)
        connection.connect(place)
        connection.sendall(b"down 500000\n")
        for _ in range(3):
            time.sleep(1)
            drain(connection, 20_000)
        drain(connection, 440_000)


def idle(place):
    with opened(place) as connection:
        for name, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1)):
            connection.setsockopt(socket.IPPROTO_TCP, name, value)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for pause in (3.2, 0):
            connection.sendall(b"down 100\n")
            drain(connection, 100)
            time.sleep(pause)


def reset(place):
    with opened(place) as connection:
        connection.sendall(b"break 300000\n")
        quietly(drain, connection)
    with opened(place) as connection:
        connection.sendall(b"down %d\n" % BULK)
        drain(connection, 300_000)
        reset_on_close(connection)


if sys.argv[1] == "serve":
    serve(sys.argv[2])
else:
    quietly(globals()[sys.argv[1]], (sys.argv[2], int(sys.argv[3])))
