"""Défaut : le secret est tiré dans la boucle, donc à chaque coup."""

import random
import socket
import sys
import threading


def joue(client):
    try:
        client.sendall(b"hello justeprix/1 entre 1 et 100\n")
        for ligne in client.makefile("r", encoding="utf-8", errors="replace"):
            secret = random.randint(1, 100)
            message = ligne.strip()
            if message.upper() == "FIN":
                client.sendall(b"FIN\n")
                break
            if not message.isdigit():
                client.sendall(b"erreur nombre envoie un nombre\n")
            elif int(message) < secret:
                client.sendall(b"plus\n")
            elif int(message) > secret:
                client.sendall(b"moins\n")
            else:
                client.sendall("gagné\n".encode())
    except OSError:
        pass
    client.close()


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    threading.Thread(target=joue, args=(client,), daemon=True).start()
