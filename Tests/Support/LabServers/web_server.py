"""A web server for the lab: what it does depends on the path, and what befalls its connections on the options.

web_server.py PORT [CERTIFICATE KEY] [OPTION...]
    on all addresses, both families; with a certificate (chain) over TLS
/ok  /status/CODE  /delay/MS  /drip/MS  /redirect/N  /loop  /big/BYTES  /chunked  /http10  /close-delimited  /slam
/nothing (closes without an answer)  /stall (half an answer)  /keepalive  /reset  /reset-within/BYTES
/send-to/CODE/URL (a redirect there; without a URL it names no place)  /hsts
--bind ADDRESS       only this one
--at MOMENT          what befalls a connection: reset, close (both at once), reset-on-bytes, close-on-bytes (when something came),
                     reset-in-handshake (after the first hundred bytes of the answer to ClientHello), say:TEXT (at once)
--every N            only each Nth connection
--sni NAME           only connections whose first bytes hold this name
--limit N            requests beyond so many get 429
--client-ca FILE     ask for client certificates of this authority, and insist; --client-optional: ask only
--min-version V, --max-version V     of TLS: 1.2, 1.3
--tls-delay MS       thinks so long before it shakes hands by TLS
--header TEXT        a header field of every answer
--date DAYS          send a Date header, so many days off
--portal URL         whatever is asked for, a redirect there; --page STATUS: the same page with this status
"""

import argparse
import datetime
import itertools
import socket
import ssl
import struct
import sys
import threading
import time


EXTRA = []


def head(status, *fields):
    lines = ["HTTP/1.1 %s" % status, "Content-Type: text/plain"] + EXTRA + list(fields)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(status, body=b"ok\n", *fields):
    return head(status, "Content-Length: %d" % len(body), *fields) + body


def page(status):
    body = b"<p>One page for all.\n"
    return ("HTTP/1.1 %d Status\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % (status, len(body))).encode() + body


def reset_on_close(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


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
        reset_on_close(connection)
        return False
    elif word == "reset":
        reset_on_close(connection)
        return False
    elif word == "reset-within":
        connection.sendall(head("200 OK", "Content-Length: %d" % (value + 1000)) + b"x" * value)
        # What is not yet on its way would be thrown away.
        time.sleep(0.05)
        reset_on_close(connection)
        return False
    elif word == "send-to":
        _, _, code, *place = path.split("/", 3)
        fields = ["Location: " + place[0]] if place and place[0] else []
        connection.sendall(whole("%s Elsewhere" % code, b"", *fields))
    elif word == "hsts":
        connection.sendall(whole("200 OK", b"ok\n", "Strict-Transport-Security: max-age=31536000"))
    elif word == "nothing":
        return False
    elif word == "stall":
        connection.sendall(head("200 OK", "Content-Length: 100") + b"half")
        time.sleep(20)
    else:
        connection.sendall(whole("200 OK"))
    return True


def befall(connection, moment, options):
    """Whether the connection is over."""
    if moment.startswith("say:"):
        connection.sendall(moment[4:].encode())
        connection.recv(65536)
        return True
    if moment == "reset-in-handshake":
        begin_handshake(connection, options.certificate)
    elif moment.endswith("-on-bytes"):
        connection.recv(65536)
    if moment.startswith("reset"):
        reset_on_close(connection)
    return True


def begin_handshake(connection, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(connection.recv(65536))
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    connection.sendall(outgoing.read()[:100])
    time.sleep(0.05)


def is_meant(connection, number, options):
    if options.at is None or number % options.every:
        return False
    return options.sni is None or options.sni.encode() in connection.recv(65536, socket.MSG_PEEK)


def dated(options):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=options.date)
    return "Date: " + moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def serve(connection, context, number, options, requests):
    try:
        if is_meant(connection, number, options) and befall(connection, options.at, options):
            connection.close()
            return
        if context:
            time.sleep(options.tls_delay / 1000)
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
                if options.limit is not None and next(requests) >= options.limit:
                    connection.sendall(whole("429 Too Many Requests", b"", "Retry-After: 60"))
                elif options.portal:
                    connection.sendall(whole("302 Found", b"", "Location: " + options.portal))
                elif options.page:
                    connection.sendall(page(options.page))
                elif options.date is not None:
                    connection.sendall(whole("200 OK", b"ok\n", dated(options)))
                elif not answer(connection, request[1], host, "https" if context else "http"):
                    stream.close()
                    if context:
                        connection = connection.unwrap()
                    return
    except OSError:
        pass


def tls_context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*options.certificate)
    versions = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
    if options.min_version:
        context.minimum_version = versions[options.min_version]
    if options.max_version:
        context.maximum_version = versions[options.max_version]
    if options.client_ca:
        context.load_verify_locations(options.client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL if options.client_optional else ssl.CERT_REQUIRED
    return context


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("certificate", nargs="*")
    for name in ("--bind", "--at", "--sni", "--client-ca", "--min-version", "--max-version", "--portal"):
        parser.add_argument(name)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--tls-delay", type=float, default=0)
    parser.add_argument("--date", type=float)
    parser.add_argument("--page", type=int)
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--client-optional", action="store_true")
    options = parser.parse_args()
    EXTRA.extend(options.header)
    context = tls_context(options) if options.certificate else None
    if options.bind:
        family = socket.AF_INET6 if ":" in options.bind else socket.AF_INET
        server = socket.create_server((options.bind, options.port), family=family, backlog=256)
    else:
        server = socket.create_server(("::", options.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256)
    print("listening", flush=True)
    requests = itertools.count()
    for number in itertools.count(1):
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection, context, number, options, requests), daemon=True).start()


main()
