"""Défaut : ce que rend un recv est pris pour un message entier."""

import random
import socket
import sys
import threading


def joue(client):
    secret = random.randint(1, 100)
    try:
        client.sendall(b"hello justeprix/1 entre 1 et 100\n")
        while True:
            recu = client.recv(1024)
            if recu == b"":
                break
            message = recu.decode("utf-8", "replace").strip()
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
    except ConnectionError:
        print("un client est parti")
    client.close()


s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", s.getsockname()[1], flush=True)
while True:
    client, adresse = s.accept()
    threading.Thread(target=joue, args=(client,), daemon=True).start()
