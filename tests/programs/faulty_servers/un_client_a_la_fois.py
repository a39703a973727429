"""Défaut : pas de fil d'exécution, le second client attend que le premier ait fini."""

import random
import socket
import sys


def partie(client):
    secret = random.randint(1, 100)
    client.sendall(b"hello justeprix/1 entre 1 et 100\n")
    with client.makefile("r", encoding="utf-8", errors="replace") as lignes:
        for ligne in lignes:
            message = ligne.strip()
            if message.upper() == "FIN":
                client.sendall(b"FIN\n")
                return
            try:
                nombre = int(message)
            except ValueError:
                client.sendall(b"erreur nombre envoie un nombre\n")
                continue
            if nombre == secret:
                client.sendall("gagné\n".encode())
                secret = random.randint(1, 100)
            else:
                client.sendall(b"plus\n" if nombre < secret else b"moins\n")


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    try:
        partie(client)
    except OSError:
        print("client perdu", adresse)
    client.close()
