"""Défaut : plus veut dire « ton nombre est plus grand »."""

import random
import socket
import sys
import threading


def compare(nombre, secret):
    if nombre > secret:
        return "plus\n"
    if nombre < secret:
        return "moins\n"
    return "gagné\n"


def joue(client):
    secret = random.randint(1, 100)
    try:
        client.sendall(b"hello justeprix/1 entre 1 et 100\n")
        for ligne in client.makefile("r", encoding="utf-8", errors="replace"):
            message = ligne.strip()
            if message.upper() == "FIN":
                client.sendall(b"FIN\n")
                break
            try:
                reponse = compare(int(message), secret)
            except ValueError:
                reponse = "erreur nombre envoie un nombre\n"
            client.sendall(reponse.encode())
            if reponse == "gagné\n":
                secret = random.randint(1, 100)
    except OSError:
        pass
    client.close()


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    threading.Thread(target=joue, args=(client,), daemon=True).start()
