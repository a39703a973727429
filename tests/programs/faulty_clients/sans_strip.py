"""Fault: compares the line with its newline, so `gagné` is never the answer."""

import socket
import sys

with (
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as hote,
    hote.makefile(encoding="utf-8") as lignes,
):
    mots = lignes.readline().split()
    bas, haut = int(mots[-3]), int(mots[-1])
    reponse = ""
    while reponse != "gagné":
        essai = (bas + haut) // 2
        hote.sendall(f"{essai}\n".encode())
        reponse = lignes.readline()
        if not reponse or "FIN" in reponse:
            break
        if "plus" in reponse:
            bas = essai + 1
        elif "moins" in reponse:
            haut = essai - 1
