"""Traffic for the lab's captures: what a client does, whatever comes of it. Prints nothing and succeeds always.

client.py connect HOST PORT SECONDS [TIMES]      one after the other, so long each
client.py hold HOST PORT SECONDS TIMES           all at once
client.py get HOST PORT PATH [HEADER...]         one request, its answer read to the end
client.py idle HOST PORT SECONDS                 two requests on one connection, so far apart; the second is waited for 3 s
client.py say HOST PORT SECONDS                  sends a line and waits so long for an answer
client.py ask SERVER NAME [TIMES]                DNS questions over UDP, 1 s for each
client.py claim INTERFACE ADDRESS MAC MAC        answers ARP requests for the address with both (until killed; prints "listening")
"""

import socket
import struct
import sys
import threading
import time


def opened(host, port, seconds):
    return socket.create_connection((host, int(port)), timeout=float(seconds))


def quietly(action):
    try:
        return action()
    except OSError:
        return None


def connect(host, port, seconds, times="1"):
    for _ in range(int(times)):
        connection = quietly(lambda: opened(host, port, seconds))
        if connection:
            connection.close()


def hold(host, port, seconds, times):
    held = []
    threads = [
        threading.Thread(target=lambda: held.append(quietly(lambda: opened(host, port, seconds))))
        for _ in range(int(times))
    ]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join()


def request(host, path, *headers):
    lines = ["GET %s HTTP/1.1" % path, "Host: %s" % host] + list(headers)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def read(connection):
    """One answer, by its Content-Length, or to the end."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = connection.recv(65536)
        if not piece:
            return
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    left = int(lengths[0]) - len(body) if lengths else None
    while left is None or left > 0:
        piece = connection.recv(65536)
        if not piece:
            return
        left = None if left is None else left - len(piece)


def get(host, port, path, *headers):
    def fetch():
        with opened(host, port, 10) as connection:
            connection.sendall(request(host, path, *headers))
            read(connection)

    quietly(fetch)


def idle(host, port, seconds):
    def twice():
        with opened(host, port, 3) as connection:
            for pause in (float(seconds), 0):
                connection.sendall(request(host, "/keepalive"))
                read(connection)
                time.sleep(pause)

    quietly(twice)


def say(host, port, seconds):
    def line():
        with opened(host, port, seconds) as connection:
            connection.sendall(b"EHLO x\r\n")
            connection.recv(65536)

    quietly(line)


def ask(server, name, times="1"):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    for number in range(int(times)):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.settimeout(1)
            query = struct.pack(">HHHHHH", number + 1, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"
            quietly(lambda: (sender.connect((server, 53)), sender.send(query), sender.recv(4096)))


def claim(interface, address, *links):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
    raw.bind((interface, 0))
    wanted = socket.inet_aton(address)
    print("listening", flush=True)
    while True:
        frame = raw.recv(2048)
        if frame[20:22] != b"\0\1" or frame[38:42] != wanted:
            continue
        asker, asked_by = frame[22:28], frame[28:32]
        for link in links:
            own = bytes.fromhex(link.replace(":", ""))
            body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 2) + own + wanted + asker + asked_by
            raw.send(asker + own + b"\x08\x06" + body)


actions = {action.__name__: action for action in (connect, hold, get, idle, say, ask, claim)}
actions[sys.argv[1]](*sys.argv[2:])
