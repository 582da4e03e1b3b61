"""A forward proxy for the lab: CONNECT, and requests with a whole URL over http.

proxy_server.py PORT [OPTION...]
--user USER:PASSWORD   others get 407
--deny HOST            403 for this host; may be repeated
--silent               takes requests and never answers
What it cannot reach is answered with 502. Its own answers say so in Proxy-Status (RFC 9209).
"""

import argparse
import base64
import socket
import threading


def own(status, error, *fields):
    lines = ["HTTP/1.1 %s" % status, "Proxy-Status: lab; error=%s" % error, "Content-Length: 0"] + list(fields)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def carry(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def request_of(stream):
    first = stream.readline(8192).decode("latin-1").split()
    fields = []
    while (line := stream.readline(8192).strip()):
        fields.append(line.decode("latin-1"))
    return first, fields


def may_pass(fields, options):
    if options.user is None:
        return True
    wanted = "Proxy-Authorization: Basic " + base64.b64encode(options.user.encode()).decode()
    return wanted in fields


def serve(connection, options):
    with connection:
        try:
            relay(connection, options)
        except (OSError, ValueError):
            pass


def relay(connection, options):
    first, fields = request_of(connection.makefile("rb", buffering=0))
    if options.silent:
        connection.recv(1)
        return
    if not may_pass(fields, options):
        connection.sendall(own("407 Proxy Authentication Required", "http_request_denied",
                               'Proxy-Authenticate: Basic realm="lab"'))
        return
    method, target = first[0], first[1]
    is_tunnel = method == "CONNECT"
    rest = target if is_tunnel else target.split("://", 1)[1]
    authority, slash, path = rest.partition("/")
    host, _, port = authority.rpartition(":") if ":" in authority else (authority, "", "80")
    if host in options.deny:
        connection.sendall(own("403 Forbidden", "http_request_denied"))
        return
    try:
        upstream = socket.create_connection((host, int(port)), timeout=2)
    except OSError:
        connection.sendall(own("502 Bad Gateway", "destination_unavailable"))
        return
    upstream.settimeout(None)
    with upstream:
        if is_tunnel:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            passed = [field for field in fields if not field.lower().startswith("proxy-")]
            lines = ["%s /%s HTTP/1.1" % (method, path)] + passed + ["Via: 1.1 lab"]
            upstream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        back = threading.Thread(target=carry, args=(upstream, connection), daemon=True)
        back.start()
        carry(connection, upstream)
        back.join()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--user")
    parser.add_argument("--deny", action="append", default=[])
    parser.add_argument("--silent", action="store_true")
    options = parser.parse_args()
    server = socket.create_server(("::", options.port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=256)
    print("listening", flush=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection, options), daemon=True).start()


main()
