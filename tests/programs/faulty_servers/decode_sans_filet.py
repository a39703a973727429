"""Défaut : decode lève une exception sur des octets qui ne sont pas de l'UTF-8."""

import random
import socket
import sys
import threading


def lis_ligne(client, tampon):
    while b"\n" not in tampon:
        recu = client.recv(1024)
        if not recu:
            return "FIN", b""
        tampon += recu
    ligne, reste = tampon.split(b"\n", 1)
    return ligne.decode().strip(), reste


def joue(client):
    secret = random.randint(1, 100)
    tampon = b""
    try:
        client.sendall(b"hello justeprix/1 entre 1 et 100\n")
        while True:
            message, tampon = lis_ligne(client, tampon)
            if message.upper() == "FIN":
                client.sendall(b"FIN\n")
                break
            if not message.isdigit():
                client.sendall(b"erreur nombre envoie un nombre\n")
            elif int(message) == secret:
                client.sendall("gagné\n".encode())
                secret = random.randint(1, 100)
            elif int(message) < secret:
                client.sendall(b"plus\n")
            else:
                client.sendall(b"moins\n")
    except OSError:
        pass
    client.close()


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    threading.Thread(target=joue, args=(client,), daemon=True).start()
