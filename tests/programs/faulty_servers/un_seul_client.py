"""Défaut : accept n'est appelé qu'une fois, le programme finit avec son premier client."""

import random
import socket
import sys

serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
client, adresse = serveur.accept()
secret = random.randint(1, 100)
client.sendall(b"hello justeprix/1 entre 1 et 100\n")
for ligne in client.makefile("r", encoding="utf-8", errors="replace"):
    message = ligne.strip()
    if message.upper() == "FIN":
        client.sendall(b"FIN\n")
        break
    try:
        nombre = int(message)
    except ValueError:
        client.sendall(b"erreur nombre envoie un nombre\n")
        continue
    if nombre < secret:
        client.sendall(b"plus\n")
    elif nombre > secret:
        client.sendall(b"moins\n")
    else:
        client.sendall("gagné\n".encode())
        secret = random.randint(1, 100)
client.close()
serveur.close()
