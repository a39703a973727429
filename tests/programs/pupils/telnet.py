"""CR LF at the end of each line, like telnet and Windows programs."""

import socket
import sys

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
f = s.makefile("r", encoding="utf-8")
mots = f.readline().split()
bas, haut = int(mots[-3]), int(mots[-1])
reponse = ""
while reponse != "gagné":
    essai = (bas + haut) // 2
    s.sendall(f"{essai}\r\n".encode())
    reponse = f.readline().rstrip("\n")
    if reponse == "plus":
        bas = essai + 1
    elif reponse == "moins":
        haut = essai - 1
s.sendall(b"FIN\r\n")
print("gagné", essai, f.readline().rstrip("\n"))
f.close()
s.close()
