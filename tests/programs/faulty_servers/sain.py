"""Le serveur sans défaut : un fil par client, un secret par fil, des lignes entières."""

import random
import socket
import sys
import threading


def joue(client):
    secret = random.randint(1, 100)
    lignes = client.makefile("r", encoding="utf-8", errors="replace", newline="\n")
    try:
        client.sendall(b"hello justeprix/1 entre 1 et 100\n")
        for ligne in lignes:
            message = ligne.strip()
            if message.upper() == "FIN":
                client.sendall(b"FIN\n")
                break
            if not message.isdecimal() or len(message) > 12:
                client.sendall(b"erreur nombre envoie un nombre\n")
            elif not 1 <= int(message) <= 100:
                client.sendall(b"erreur bornes de 1 a 100\n")
            elif int(message) < secret:
                client.sendall(b"plus\n")
            elif int(message) > secret:
                client.sendall(b"moins\n")
            else:
                client.sendall("gagné\n".encode())
                secret = random.randint(1, 100)
    except OSError:
        pass  # le client est parti
    lignes.close()
    client.close()


serveur = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("pret", serveur.getsockname()[1], flush=True)
while True:
    client, adresse = serveur.accept()
    threading.Thread(target=joue, args=(client,), daemon=True).start()
