"""Sends one character at a time, each in a segment of its own, like a raw terminal."""

import socket
import sys

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
f = s.makefile("r", encoding="utf-8", newline="\n")


def tape(texte):
    for signe in texte + "\n":
        s.sendall(signe.encode())
    return f.readline().rstrip("\n")


mots = f.readline().split()
bas, haut = int(mots[-3]), int(mots[-1])
reponse = ""
while reponse != "gagné":
    essai = (bas + haut) // 2
    reponse = tape(str(essai))
    if reponse == "plus":
        bas = essai + 1
    elif reponse == "moins":
        haut = essai - 1
print("gagné", essai, tape("FIN"))
f.close()
s.close()
