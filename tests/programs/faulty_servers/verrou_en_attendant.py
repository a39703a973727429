"""Défaut : le verrou est pris pendant que le serveur attend le coup d'un client."""

import random
import socket
import sys
import threading

verrou = threading.Lock()
scores = {}


def joue(client, adresse):
    secret = random.randint(1, 100)
    try:
        client.sendall(b"hello justeprix/1 entre 1 et 100\n")
        lignes = client.makefile("r", encoding="utf-8", errors="replace")
        while True:
            with verrou:
                message = lignes.readline().strip() or "vide"
                scores[adresse] = scores.get(adresse, 0) + 1
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
                secret = random.randint(1, 100)
    except OSError:
        pass
    client.close()


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    threading.Thread(target=joue, args=(client, adresse), daemon=True).start()
