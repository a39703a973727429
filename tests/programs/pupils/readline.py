"""Lines, read with makefile().readline()."""

import socket
import sys

with (
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s,
    s.makefile("rw", encoding="utf-8", newline="\n") as f,
):

    def demande(texte):
        f.write(texte + "\n")
        f.flush()
        return f.readline().strip()

    mots = f.readline().split()
    bas, haut = int(mots[-3]), int(mots[-1])
    while True:
        essai = (bas + haut) // 2
        reponse = demande(str(essai))
        if reponse == "gagné":
            break
        if reponse == "plus":
            bas = essai + 1
        else:
            haut = essai - 1
    print("gagné", essai, demande("fin"))
