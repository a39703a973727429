"""Deux fils : l'un écoute l'hôte pendant que l'autre attend ce que tu tapes.

Une ligne s'affiche dès qu'elle arrive, même si tu n'as rien demandé. Tape un nombre ; ou
« suivre » pour lire les messages des autres, « dire salut » pour leur parler, « FIN » pour finir.

    python 3_fils.py 127.0.0.1 2300
"""

import os
import socket
import sys
import threading

adresse = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 2300


def ecoute():
    """Affiche ce que dit l'hôte ; quand il a fini, arrête le programme."""
    try:
        for ligne in hote.makefile(encoding="utf-8"):
            if not ligne.startswith("etat "):  # du JSON : c'est pour les programmes
                print(ligne.strip(), flush=True)
            if ligne.strip() == "FIN":
                break
    except OSError:
        print("Le lien est coupé.")
    print("C'est fini.", flush=True)
    os._exit(0)  # sys.exit n'arrêterait que ce fil : l'autre attend peut-être dans input


def tape():
    """Rend ce que tu tapes ; « FIN » si tu arrêtes (Ctrl-C, ou plus rien à lire)."""
    try:
        return input()
    except (EOFError, KeyboardInterrupt):
        return "FIN"


try:
    hote = socket.create_connection((adresse, port))
except OSError:
    sys.exit(f"Personne ne répond à {adresse}:{port} : vérifie l'adresse, et que l'hôte tourne.")

oreille = threading.Thread(target=ecoute, daemon=True)
oreille.start()
texte = ""
try:
    while texte != "FIN":
        texte = tape()
        hote.sendall((texte + "\n").encode())
except OSError:
    print("L'hôte n'écoute plus.")
oreille.join(5)  # le temps que ses dernières lignes arrivent
