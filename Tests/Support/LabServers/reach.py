"""What can be reached from here, by real connects and datagrams.

    reach.py serve READY            answers on every port of PORTS, TCP and UDP; makes the file READY once it does
    reach.py try ADDRESS...         prints "ADDRESS PROTOCOL PORT yes|no" for each of them

A filter in between must reject (RST, ICMP), so that nothing waits: silence is an error of the lab.
"""
import select
import socket
import sys

PORTS = {"TCP": [80, 81, 8080], "UDP": [53, 81]}
PATIENCE = 10  # seconds, after which the lab itself is at fault


def serve(ready):
    sockets = {}
    for port in PORTS["TCP"]:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", port))
        listener.listen(64)
        sockets[listener] = "TCP"
    for port in PORTS["UDP"]:
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("0.0.0.0", port))
        sockets[receiver] = "UDP"
    open(ready, "w").close()
    while True:
        for ready_socket in select.select(list(sockets), [], [])[0]:
            if sockets[ready_socket] == "TCP":
                ready_socket.accept()[0].close()
            else:
                data, peer = ready_socket.recvfrom(100)
                ready_socket.sendto(data, peer)


def reaches(address, protocol, port):
    kind = socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as client:
        client.settimeout(PATIENCE)
        try:
            client.connect((address, port))
            if protocol == "UDP":
                client.send(b"?")
                client.recv(100)
            return True
        except (ConnectionRefusedError, PermissionError):
            return False


def main(words):
    if words[0] == "serve":
        return serve(words[1])
    for address in words[1:]:
        for protocol, ports in PORTS.items():
            for port in ports:
                print(address, protocol, port, "yes" if reaches(address, protocol, port) else "no")


if __name__ == "__main__":
    main(sys.argv[1:])
