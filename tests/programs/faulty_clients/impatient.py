"""Fault: waits a second for an answer, then asks again."""

import socket
import sys

hote = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
hote.settimeout(1)
tampon = b""


def recois():
    global tampon
    while b"\n" not in tampon:
        morceau = hote.recv(1024)
        if not morceau:
            return ""
        tampon += morceau
    ligne, _, tampon = tampon.partition(b"\n")
    return ligne.decode("utf-8")


mots = recois().split()
bas, haut = int(mots[-3]), int(mots[-1])
while True:
    essai = (bas + haut) // 2
    hote.sendall(f"{essai}\n".encode())
    try:
        reponse = recois()
    except TimeoutError:
        continue
    if reponse in ("gagné", "FIN", ""):
        break
    if reponse == "plus":
        bas = essai + 1
    elif reponse == "moins":
        haut = essai - 1
hote.close()
