"""Fault: knows no accents."""

import socket
import sys

hote = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lignes = hote.makefile("rb")
mots = lignes.readline().decode("ascii").split()
bas, haut = int(mots[-3]), int(mots[-1])
while True:
    essai = (bas + haut) // 2
    hote.sendall(f"{essai}\n".encode())
    reponse = lignes.readline().decode("ascii").strip()
    if reponse.startswith("gagn") or reponse in ("FIN", ""):
        break
    if reponse == "plus":
        bas = essai + 1
    elif reponse == "moins":
        haut = essai - 1
hote.close()
