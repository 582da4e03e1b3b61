"""A name server for the lab: records and faults by name, over UDP and TCP.

dns_server.py ADDRESS [OPTION...] RULE...
Options: --no-udp, --no-tcp (the port is closed), --no-edns (a query with an OPT record gets FORMERR), --no-recursion (RA=0),
         --from=ADDRESS (UDP answers come from that address), --reset-tcp (connections are reset when a question has come),
         --hold-tcp (connections are accepted and never answered), --authoritative (AA=1), --deaf-to-edns (over UDP a query with an
         OPT record gets no answer), --bad-version (it gets BADVERS), --second=N (over UDP, of each Nth pair of queries that come from
         one port at the same time the second is lost), --lose=N (each Nth query over UDP is lost), --drop=N (each Nth of any
         transport), --refuse-above=N (more than N in a second get REFUSED)
Rules:   NAME TYPE DATA          a record (A AAAA CNAME PTR SRV TXT); TTL 30
         NAME ttl SECONDS        the TTL of its records
         NAME turns LETTERS      in turn, by type: Y the records, N NXDOMAIN
         NAME denied SECONDS     NXDOMAIN as from a cache that will keep it so much longer
         NAME rcode CODE         that response code
         NAME delay SECONDS      the answer comes so much later
         NAME delayfirst SECONDS only the first answer does (a cache that asks its upstream once)
         NAME drop               no answer
         NAME rotate             the records of a type in another order with each query
         NAME truncate           over UDP always truncated
         NAME badid              the answer has another id
         NAME badquestion        the answer is for another question
         NAME foreign            the answer's records are of another name
NAME is a whole name, or *.SUFFIX, or * for all (a record of *.SUFFIX is a wildcard). What no record names does not exist
(NXDOMAIN with a SOA).
"""

import ipaddress
import socket
import struct
import sys
import threading
import time

TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "PTR": 12, "TXT": 16, "AAAA": 28, "SRV": 33}
OPT = 41


def wire_name(name):
    labels = [label for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def wire_data(kind, data):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(data).packed
    if kind == "TXT":
        return b"".join(bytes([len(part)]) + part for part in chunks(data.encode(), 255))
    if kind == "SRV":
        priority, weight, port, target = data.split()
        return struct.pack("!3H", int(priority), int(weight), int(port)) + wire_name(target)
    return wire_name(data)


def chunks(data, size):
    return [data[start : start + size] for start in range(0, len(data), size)]


class Zone:
    def __init__(self, rules):
        self.records = {}
        self.faults = []
        self.turns = {}
        for rule in rules:
            name, word, *rest = rule.split(None, 2)
            name = name.lower().rstrip(".") or "."
            if word in TYPES:
                self.records.setdefault(name, []).append((word, rest[0]))
            else:
                self.faults.append((name, word, rest[0] if rest else None))

    def fault(self, name, word):
        for pattern, kind, value in self.faults:
            suffix = pattern[1:] if pattern.startswith("*.") else None
            if kind == word and (pattern in (name, "*") or (suffix and name.endswith(suffix))):
                return value or True
        return None

    def owner(self, name):
        """The name whose records answer: its own, or the wildcard above it."""
        labels = name.split(".")
        above = [*("*." + ".".join(labels[cut:]) for cut in range(1, len(labels))), "*"]
        return next((known for known in (name, *above) if known in self.records), name)

    def exists(self, name):
        return self.owner(name) in self.records or any(known.endswith("." + name) for known in self.records)

    def answers(self, name, kind):
        """The chain of aliases, then the records of the type; and whether the last name exists."""
        found = []
        for _ in range(8):
            records = self.records.get(self.owner(name), [])
            own = [(name, type_, data) for type_, data in records if type_ == kind]
            if own:
                if self.fault(name, "rotate"):
                    turn = self.turns[name, kind] = self.turns.get((name, kind), -1) + 1
                    own = own[turn % len(own) :] + own[: turn % len(own)]
                return found + own, True
            alias = [data for type_, data in records if type_ == "CNAME"]
            if not alias:
                break
            found.append((name, "CNAME", alias[0]))
            name = alias[0].lower().rstrip(".")
        return found, self.exists(name)


class Server:
    def __init__(self, zone, options):
        self.zone = zone
        self.edns, self.recursion = "--no-edns" not in options, "--no-recursion" not in options
        self.authoritative, self.bad_version = "--authoritative" in options, "--bad-version" in options
        self.deaf = "--deaf-to-edns" in options
        self.numbers = {key: int(value) for key, _, value in (option.partition("=") for option in options) if value.isdigit()}
        self.known = set()
        self.lock = threading.Lock()
        self.counts = {}
        self.waiting = set()
        self.second = (0, 0)

    def is_nth(self, option, sort=""):
        """Whether this is one of each N that the option names."""
        if option not in self.numbers:
            return False
        with self.lock:
            self.counts[option + sort] = self.counts.get(option + sort, 0) + 1
            return self.counts[option + sort] % self.numbers[option] == 0

    def is_above(self):
        """Whether more queries have come in this second than are answered."""
        if "--refuse-above" not in self.numbers:
            return False
        with self.lock:
            second, count = self.second
            now = int(time.monotonic())
            self.second = (now, count + 1 if now == second else 1)
            return self.second[1] > self.numbers["--refuse-above"]

    def reply(self, query, over_udp):
        identity, flags, questions, _, _, additional = struct.unpack("!6H", query[:12])
        end = query.index(b"\0", 12) + 5
        labels, position = [], 12
        while query[position]:
            labels.append(query[position + 1 : position + 1 + query[position]].decode("latin-1").lower())
            position += 1 + query[position]
        name = ".".join(labels) or "."
        type_ = struct.unpack("!H", query[end - 4 : end - 2])[0]
        size, has_opt = 512, False
        if additional and query[end : end + 3] == b"\0\0" + bytes([OPT]):
            size, has_opt = struct.unpack("!H", query[end + 3 : end + 5])[0], True
        delay = self.zone.fault(name, "delay")
        if delay:
            time.sleep(float(delay))
        first = self.zone.fault(name, "delayfirst")
        if first and (name, type_) not in self.known:
            self.known.add((name, type_))
            time.sleep(float(first))
        if self.zone.fault(name, "drop") or self.is_nth("--drop") or over_udp and self.is_nth("--lose"):
            return None
        if has_opt and self.deaf and over_udp:
            return None
        kind = next((known for known, number in TYPES.items() if number == type_), "")
        found, exists = self.zone.answers(name, kind)
        if self.zone.fault(name, "foreign"):
            found = [("elsewhere.test", type_, data) for _, type_, data in found]
        if self.zone.fault(name, "badid"):
            identity ^= 0x5555
        if self.zone.fault(name, "badquestion"):
            query = query[:12] + wire_name("elsewhere.test") + query[end - 4 :]
            end = 12 + len(wire_name("elsewhere.test")) + 4
        rcode = self.zone.fault(name, "rcode") or self.is_above() and "5"
        turns, denied = self.zone.fault(name, "turns"), self.zone.fault(name, "denied")
        if turns:
            with self.lock:
                turn = self.zone.turns[name, type_] = self.zone.turns.get((name, type_), -1) + 1
            found, exists = (found, exists) if turns[turn % len(turns)] == "Y" else ([], False)
        if denied:
            found, exists = [], False
        code = int(rcode) if rcode else 0 if exists else 3
        if has_opt and self.bad_version:
            opt = b"\0" + struct.pack("!HHIH", OPT, 1232, 0x01000000, 0)
            return struct.pack("!6H", identity, 0x8000 | flags & 0x0100, 1, 0, 0, 1) + query[12:end] + opt
        if has_opt and not self.edns:
            return struct.pack("!6H", identity, 0x8001 | flags & 0x0100, 1, 0, 0, 0) + query[12:end]
        answers = b"" if rcode else b"".join(self.record(*record) for record in found)
        soa = b"" if rcode or found else self.authority(int(denied or 30))
        opt = b"\0" + struct.pack("!HHIH", OPT, 1232, 0, 0) if has_opt and self.edns else b""
        head = 0x8000 | flags & 0x0100 | (0x0080 if self.recursion else 0) | code
        head |= 0x0400 if self.authoritative else 0
        count = 0 if rcode else len(found)
        message = struct.pack("!6H", identity, head, 1, count, 1 if soa else 0, 1 if opt else 0)
        message += query[12:end] + answers + soa + opt
        if over_udp and (len(message) > size or self.zone.fault(name, "truncate")):
            message = struct.pack("!6H", identity, head | 0x0200, 1, 0, 0, 1 if opt else 0) + query[12:end] + opt
        return message

    def record(self, name, kind, data):
        content = wire_data(kind, data)
        ttl = int(self.zone.fault(name, "ttl") or 30)
        return wire_name(name) + struct.pack("!HHIH", TYPES[kind], 1, ttl, len(content)) + content

    @staticmethod
    def authority(ttl):
        content = wire_name("ns.lab") + wire_name("root.lab") + struct.pack("!5I", 1, 3600, 600, 86400, 30)
        return wire_name("lab") + struct.pack("!HHIH", TYPES["SOA"], 1, ttl, len(content)) + content

    def serve_udp(self, sock, source):
        while True:
            query, peer = sock.recvfrom(4096)
            if "--second" in self.numbers and self.is_lost_second(peer):
                continue
            threading.Thread(target=self.answer_udp, args=(source or sock, query, peer), daemon=True).start()

    def is_lost_second(self, peer):
        """As where two packets of one new flow race for its entry: the first of them is not answered yet."""
        with self.lock:
            is_second = peer in self.waiting
            self.waiting.add(peer)
        return is_second and self.is_nth("--second")

    def answer_udp(self, sock, query, peer):
        if "--second" in self.numbers:
            time.sleep(0.002)
            with self.lock:
                self.waiting.discard(peer)
        message = self.reply(query, True)
        if message:
            sock.sendto(message, peer)

    def serve_tcp(self, sock, fault):
        held = []
        while True:
            connection, _ = sock.accept()
            if fault == "--hold-tcp":
                held.append(connection)
                continue
            if fault == "--reset-tcp":
                connection.recv(1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                continue
            threading.Thread(target=self.answer_tcp, args=(connection,), daemon=True).start()

    def answer_tcp(self, connection):
        with connection, connection.makefile("rb") as stream:
            while True:
                head = stream.read(2)
                if len(head) < 2:
                    return
                message = self.reply(stream.read(struct.unpack("!H", head)[0]), False)
                if message:
                    connection.sendall(struct.pack("!H", len(message)) + message)


def listening(kind, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    if kind == socket.SOCK_STREAM:
        sock.listen(256)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    return sock


def main():
    address, *words = sys.argv[1:]
    options = [word for word in words if word.startswith("--")]
    zone = Zone([word for word in words if not word.startswith("--")])
    server = Server(zone, options)
    threads = []
    other = next((option.partition("=")[2] for option in options if option.startswith("--from=")), None)
    source = listening(socket.SOCK_DGRAM, other, 53) if other else None
    fault = next((option for option in options if option in ("--hold-tcp", "--reset-tcp")), None)
    if "--no-udp" not in options:
        udp = listening(socket.SOCK_DGRAM, address, 53)
        threads.append(threading.Thread(target=server.serve_udp, args=(udp, source)))
    if "--no-tcp" not in options:
        tcp = listening(socket.SOCK_STREAM, address, 53)
        threads.append(threading.Thread(target=server.serve_tcp, args=(tcp, fault)))
    for thread in threads:
        thread.start()
    print("listening", flush=True)


main()
