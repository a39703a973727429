"""Défaut : une connexion coupée net lève une exception que personne n'attrape."""

import random
import select
import socket
import sys

serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
secrets = {}
tampons = {}


def reponse(client, ligne):
    message = ligne.decode("utf-8", "replace").strip()
    if message.upper() == "FIN":
        return "FIN\n"
    try:
        nombre = int(message)
    except ValueError:
        return "erreur nombre envoie un nombre\n"
    if nombre == secrets[client]:
        secrets[client] = random.randint(1, 100)
        return "gagné\n"
    return "plus\n" if nombre < secrets[client] else "moins\n"


while True:
    prets, _, _ = select.select([serveur, *secrets], [], [])
    for s in prets:
        if s is serveur:
            client, adresse = serveur.accept()
            client.sendall(b"hello justeprix/1 entre 1 et 100\n")
            secrets[client] = random.randint(1, 100)
            tampons[client] = b""
            continue
        recu = s.recv(1024)
        *lignes, tampons[s] = (tampons[s] + recu).split(b"\n")
        envois = [reponse(s, ligne) for ligne in lignes]
        s.sendall("".join(envois).encode())
        if recu == b"" or "FIN\n" in envois:
            s.close()
            del secrets[s], tampons[s]
