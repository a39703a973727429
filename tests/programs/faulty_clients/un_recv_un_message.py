"""Fault: takes what one recv() brings for a whole message."""

import socket
import sys

hote = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
reste = []


def recois():
    if not reste:
        data = hote.recv(1024).decode(errors="replace")
        reste.extend(data.splitlines() or [""])
    return reste.pop(0)


mots = recois().split()
bas, haut, reponse = 1, 100, ""
if mots[-1].isdigit():
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
