"""Défaut : FIN n'est pas un mot connu, c'est un nombre raté comme un autre."""

import random
import socket
import sys
import threading


def joue(client):
    secret = random.randint(1, 100)
    try:
        client.sendall(b"hello justeprix/1 entre 1 et 100\n")
        for ligne in client.makefile("r", encoding="utf-8", errors="replace"):
            try:
                nombre = int(ligne)
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
    except OSError:
        pass
    client.close()


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    threading.Thread(target=joue, args=(client,), daemon=True).start()
