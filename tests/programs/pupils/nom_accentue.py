"""Takes a name with accents, then plays without newlines."""

import socket
import sys

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
mots = s.recv(1024).decode().split()
bas, haut = int(mots[-3]), int(mots[-1])
s.send("nom Zoé-Hélène".encode())
assert s.recv(1024).decode() == "nom Zoé-Hélène"
reponse = ""
while reponse != "gagné":
    essai = (bas + haut) // 2
    s.send(str(essai).encode())
    reponse = s.recv(1024).decode()
    if reponse == "plus":
        bas = essai + 1
    elif reponse == "moins":
        haut = essai - 1
s.send(b"fin")
print("gagné", essai, s.recv(1024).decode())
s.close()
