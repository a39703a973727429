"""Fault: reads until a newline, then takes all that has come for one line."""

import socket
import sys

hote = socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def recois():
    data = b""
    while not data.endswith(b"\n"):
        morceau = hote.recv(1024)
        if not morceau:
            return ""
        data += morceau
    return data.decode("utf-8").strip()


mots = recois().split()
bas, haut = int(mots[-3]), int(mots[-1])
while True:
    essai = (bas + haut) // 2
    hote.sendall(f"{essai}\n".encode())
    reponse = recois()
    if reponse in ("gagné", "FIN", ""):
        break
    if reponse == "plus":
        bas = essai + 1
    elif reponse == "moins":
        haut = essai - 1
hote.close()
