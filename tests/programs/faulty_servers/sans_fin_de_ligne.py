"""Défaut : rien ne sépare les messages, l'accueil et la réponse peuvent arriver collés."""

import random
import socket
import sys
import threading


def joue(client):
    secret = random.randint(1, 100)
    try:
        client.sendall(b"hello justeprix/1 entre 1 et 100")
        for ligne in client.makefile("r", encoding="utf-8", errors="replace"):
            message = ligne.strip()
            if message.upper() == "FIN":
                client.sendall(b"FIN")
                break
            if not message.isdigit():
                client.sendall(b"erreur nombre envoie un nombre")
            elif int(message) < secret:
                client.sendall(b"plus")
            elif int(message) > secret:
                client.sendall(b"moins")
            else:
                client.sendall("gagné".encode())
                secret = random.randint(1, 100)
    except OSError:
        pass
    client.close()


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    threading.Thread(target=joue, args=(client,), daemon=True).start()
