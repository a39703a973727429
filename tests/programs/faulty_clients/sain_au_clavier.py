"""Sound: the ten lines of rules.md, played by hand."""

import os
import socket

hote = socket.create_connection(("127.0.0.1", int(os.environ["JUSTEPRIX_PORT"])))
lignes = hote.makefile(encoding="utf-8")
print(lignes.readline().strip())
reponse = ""
while reponse not in ("gagné", "FIN"):
    hote.sendall((input("Ton nombre : ") + "\n").encode())
    reponse = lignes.readline().strip() or "FIN"
    print(reponse)
