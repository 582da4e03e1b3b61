"""Certificates for the lab, made with openssl(1).

certificates.py DIRECTORY
ca.pem is the root to trust. NAME.pem is the chain that a server sends, NAME.key its key. Names: good, expired, expiring,
othername, selfsigned, unknownca, nointermediate, expiredintermediate, byaddress, wildcard, commonname, shortlived, notyet,
client.
"""

import datetime
import os
import subprocess
import sys

CONFIGURATION = """
[ca]
default_ca = own
[own]
database = {directory}/index
new_certs_dir = {directory}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
copy_extensions = none
[any]
commonName = supplied
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:false
keyUsage = digitalSignature
extendedKeyUsage = serverAuth,clientAuth
{names}
"""


class Factory:
    def __init__(self, directory):
        self.directory = directory
        self.now = datetime.datetime.now(datetime.timezone.utc)
        open(self.path("index"), "w").close()

    def path(self, name):
        return os.path.join(self.directory, name)

    def openssl(self, *words):
        subprocess.run(("openssl",) + words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def moment(self, days):
        return (self.now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")

    def make(self, name, common_name, issuer=None, section="leaf", names="", begin=-100.0, end=265.0):
        with open(self.path("conf"), "w") as conf:
            conf.write(CONFIGURATION.format(
                directory=self.directory, names="subjectAltName = " + names if names else ""))
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-subj", "/CN=" + common_name, "-keyout", self.path(name + ".key"), "-out", self.path("request"))
        who = ["-cert", self.path(issuer + ".crt"), "-keyfile", self.path(issuer + ".key")] if issuer else [
            "-selfsign", "-keyfile", self.path(name + ".key")]
        self.openssl("ca", "-batch", "-notext", "-config", self.path("conf"), "-extensions", section,
                     "-startdate", self.moment(begin), "-enddate", self.moment(end),
                     "-in", self.path("request"), "-out", self.path(name + ".crt"), *who)

    def chain(self, name, *members):
        with open(self.path(name + ".pem"), "w") as out:
            for member in members:
                with open(self.path(member + ".crt")) as part:
                    out.write(part.read())


def main():
    factory = Factory(sys.argv[1])
    make = factory.make
    make("ca", "Lab Root", section="root", end=3000)
    make("inter", "Lab Intermediate", "ca", "root", end=2000)
    make("oldinter", "Lab Old Intermediate", "ca", "root", begin=-300, end=-2)
    make("otherca", "Unknown Root", section="root", end=3000)
    factory.chain("ca", "ca")
    shop = "DNS:shop.test"
    leaves = {
        "good": ("inter", shop, -100.0, 265.0), "expired": ("inter", shop, -100.0, -3.0),
        "expiring": ("inter", shop, -360.0, 5.0), "notyet": ("inter", shop, 2.0, 265.0),
        "othername": ("inter", "DNS:other.test, DNS:*.else.test", -100.0, 265.0),
        "unknownca": ("otherca", shop, -100.0, 265.0), "selfsigned": (None, shop, -100.0, 265.0),
        "nointermediate": ("inter", shop, -100.0, 265.0), "expiredintermediate": ("oldinter", shop, -100.0, 265.0),
        "byaddress": ("inter", "IP:198.18.2.2, IP:fd00:18:2::2", -100.0, 265.0),
        "wildcard": ("inter", "DNS:*.shop.test", -100.0, 265.0), "commonname": ("inter", "", -100.0, 265.0),
        "shortlived": ("inter", shop, -0.2, 0.8), "client": ("inter", "DNS:client.test", -100.0, 265.0),
    }
    issuers = {"inter": ["inter"], "oldinter": ["oldinter"]}
    for name, (issuer, names, begin, end) in leaves.items():
        make(name, "shop.test" if "shop" in names or not names else name + ".lab", issuer, "leaf", names, begin, end)
        above = [] if name == "nointermediate" else issuers.get(issuer, [])
        factory.chain(name, name, *above)


main()
