"""Un serveur : un fil par joueur, et à chacun son secret. Il lit des lignes.

    python 6_serveur.py 127.0.0.1 5566

Puis, dans un autre terminal : python 2_lignes.py 127.0.0.1 5566. Avec l'adresse 0.0.0.0,
les autres machines peuvent venir aussi.
"""

import random
import socket
import sys
import threading

adresse = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 5566
BAS, HAUT = 1, 100


def juge(ligne, secret):
    """Rend la réponse à une ligne."""
    if ligne.strip().upper() == b"FIN":
        return "FIN"
    try:
        nombre = int(ligne.decode())
    except UnicodeDecodeError:
        return "erreur utf8 envoie du texte en UTF-8"
    except ValueError:
        return "erreur commande envoie un nombre, ou FIN"
    if not BAS <= nombre <= HAUT:
        return f"erreur bornes choisis entre {BAS} et {HAUT}"
    if nombre == secret:
        return "gagné"
    return "plus" if nombre < secret else "moins"


def sert(joueur):
    """Joue avec un seul joueur, jusqu'à ce qu'il parte : c'est le travail d'un fil."""
    secret = random.randint(BAS, HAUT)
    try:
        with joueur, joueur.makefile("rb") as lignes:
            joueur.sendall(f"hello justeprix/1 entre {BAS} et {HAUT}\n".encode())
            for ligne in lignes:  # une ligne entière, même si elle vient en morceaux
                reponse = juge(ligne, secret)
                joueur.sendall((reponse + "\n").encode())
                if reponse == "FIN":
                    break
                if reponse == "gagné":
                    secret = random.randint(BAS, HAUT)
    except OSError:  # un lien coupé n'arrête que ce fil
        print("Un joueur est parti au milieu.", flush=True)


try:
    ecoute = socket.create_server((adresse, port))
except OSError:
    sys.exit(f"Impossible d'écouter sur {adresse}:{port} : ce port est sans doute déjà pris.")

ecoute.settimeout(0.5)  # Windows n'écoute Ctrl-C qu'entre deux attentes
print(f"J'attends les joueurs sur {adresse}:{port}. Ctrl-C pour arrêter.", flush=True)
try:
    while True:
        try:
            joueur, _ = ecoute.accept()
        except TimeoutError:  # personne : encore une fois
            continue
        threading.Thread(target=sert, args=[joueur], daemon=True).start()
except KeyboardInterrupt:
    print("Au revoir !")
ecoute.close()
