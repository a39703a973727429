"""No newline anywhere, one recv(1024) per send: the first client of most classes."""

import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("127.0.0.1", int(sys.argv[1])))
accueil = client.recv(1024).decode()
mots = accueil.split()
bas, haut = int(mots[-3]), int(mots[-1])
reponse = ""
while reponse != "gagné":
    essai = (bas + haut) // 2
    client.send(str(essai).encode())
    reponse = client.recv(1024).decode()
    if reponse == "plus":
        bas = essai + 1
    elif reponse == "moins":
        haut = essai - 1
client.send(b"FIN")
fin = client.recv(1024).decode()
client.close()
print("gagné", essai, fin)
