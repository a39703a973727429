"""Fault: speaks before the host has greeted."""

import socket
import sys

hote = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lignes = hote.makefile(encoding="utf-8")
bas, haut, reponse = 1, 100, ""
while reponse not in ("gagné", "FIN"):
    essai = (bas + haut) // 2
    hote.sendall(f"{essai}\n".encode())
    reponse = lignes.readline().strip()
    if reponse.startswith("hello"):
        reponse = lignes.readline().strip()
    if reponse == "plus":
        bas = essai + 1
    elif reponse == "moins":
        haut = essai - 1
    elif reponse == "":
        break
hote.close()
