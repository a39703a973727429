"""Reads with recv(1) until the newline."""

import socket
import sys


def lis_ligne(s):
    ligne = b""
    while not ligne.endswith(b"\n"):
        octet = s.recv(1)
        if octet == b"":
            break
        ligne += octet
    return ligne.decode().strip()


s = socket.socket()
s.connect(("127.0.0.1", int(sys.argv[1])))
mots = lis_ligne(s).split()
for essai in range(int(mots[-3]), int(mots[-1]) + 1):
    s.sendall(b"%d\n" % essai)
    if lis_ligne(s) == "gagné":
        break
s.sendall(b"FIN\n")
print("gagné", essai, lis_ligne(s))
s.close()
