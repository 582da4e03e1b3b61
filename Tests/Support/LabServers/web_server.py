"""A web server for the lab: what it does depends on the path.

web_server.py PORT [CERTIFICATE KEY]     on all addresses, both families; with a certificate (chain) over TLS
/ok  /status/CODE  /delay/MS  /drip/MS  /redirect/N  /loop  /big/BYTES  /chunked  /http10  /close-delimited  /slam
/nothing (closes without an answer)  /stall (half an answer)  /keepalive
"""

import socket
import ssl
import struct
import sys
import threading
import time


def head(status, *fields):
    lines = ["HTTP/1.1 %s" % status, "Content-Type: text/plain"] + list(fields)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(status, body=b"ok\n", *fields):
    return head(status, "Content-Length: %d" % len(body), *fields) + body


def answer(connection, path, host, scheme):
    _, word, *rest = path.split("/") + [""]
    value = int(rest[0]) if rest and rest[0].isdigit() else 0
    if word == "status":
        connection.sendall(whole("%d Status" % value))
    elif word == "delay":
        time.sleep(value / 1000)
        connection.sendall(whole("200 OK"))
    elif word == "drip":
        connection.sendall(head("200 OK", "Content-Length: 11") + b"x")
        for _ in range(10):
            time.sleep(value / 10000)
            connection.sendall(b"x")
    elif word == "redirect":
        target = "/redirect/%d" % (value - 1) if value > 1 else "/ok"
        connection.sendall(whole("302 Found", b"", "Location: %s" % target))
    elif word == "loop":
        connection.sendall(whole("301 Moved", b"", "Location: %s://%s/loop" % (scheme, host)))
    elif word == "big":
        connection.sendall(whole("200 OK", b"x" * value))
    elif word == "chunked":
        connection.sendall(head("200 OK", "Transfer-Encoding: chunked") + b"3\r\nok\n\r\n0\r\n\r\n")
    elif word == "http10":
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nok\n")
        return False
    elif word == "close-delimited":
        connection.sendall(head("200 OK", "Connection: close") + b"ok\n")
        return False
    elif word == "slam":
        connection.sendall(whole("200 OK"))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
    elif word == "nothing":
        return False
    elif word == "stall":
        connection.sendall(head("200 OK", "Content-Length: 100") + b"half")
        time.sleep(20)
    else:
        connection.sendall(whole("200 OK"))
    return True


def serve(connection, context):
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            stream = connection.makefile("rb")
            while True:
                if not stream.peek(1)[:1].isalpha():
                    if stream.peek(1):
                        connection.sendall(whole("400 Bad Request", b"", "Connection: close"))
                    return
                request = stream.readline(8192).decode("latin-1").split()
                if len(request) < 2:
                    return
                host = "localhost"
                while (line := stream.readline(8192).strip()):
                    name, _, value = line.decode("latin-1").partition(":")
                    host = value.strip() if name.lower() == "host" else host
                if not answer(connection, request[1], host, "https" if context else "http"):
                    stream.close()
                    if context:
                        connection = connection.unwrap()
                    return
    except OSError:
        pass


def main():
    port, *certificate = sys.argv[1:]
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    server = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256)
    print("listening", flush=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection, context), daemon=True).start()


main()
