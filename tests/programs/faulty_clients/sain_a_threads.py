"""Sound: a thread receives, the main one asks a person; a name first."""

import socket
import sys
import threading

nom = input("Ton nom : ")
hote = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lignes = hote.makefile(encoding="utf-8")
print(lignes.readline().strip())
fini = threading.Event()


def recois():
    for ligne in lignes:
        print(ligne.strip())
        if ligne.strip() in ("gagné", "FIN"):
            break
    fini.set()


threading.Thread(target=recois).start()
hote.sendall(f"nom {nom}\n".encode())
while not fini.is_set():
    texte = input()
    if not fini.is_set():
        hote.sendall(f"{texte}\n".encode())
hote.close()
