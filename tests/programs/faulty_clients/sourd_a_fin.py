"""Fault: FIN is an answer like the others, so it goes on."""

import socket
import sys

with (
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as hote,
    hote.makefile(encoding="utf-8") as lignes,
):
    mots = lignes.readline().split()
    bas, haut = int(mots[-3]), int(mots[-1])
    while True:
        essai = (bas + haut) // 2
        hote.sendall(f"{essai}\n".encode())
        reponse = lignes.readline().strip()
        if reponse in ("gagné", ""):
            break
        if reponse == "plus":
            bas = essai + 1
        elif reponse == "moins":
            haut = essai - 1
