"""Défaut : le secret est une variable du module, le même pour tous les clients."""

import random
import socket
import sys
import threading

secret = random.randint(1, 100)


def joue(client):
    try:
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
            if nombre == secret:
                client.sendall("gagné\n".encode())
                break
            client.sendall(b"plus\n" if nombre < secret else b"moins\n")
    except OSError:
        pass
    client.close()


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    threading.Thread(target=joue, args=(client,), daemon=True).start()
