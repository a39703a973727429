"""Le plus simple : j'envoie un nombre, je lis la réponse, et je coupe en deux ce qui reste.

L'hôte s'y fait. Mais recv rend ce qui vient d'arriver : si une réponse vient en deux
morceaux, ou si deux réponses viennent ensemble, ce client s'y perd et s'arrête.
Le suivant, 2_lignes.py, n'a pas ce défaut.

    python 1_sans_fin_de_ligne.py 127.0.0.1 2300
"""

import socket
import sys

adresse = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 2300

try:
    hote = socket.create_connection((adresse, port))
except OSError:
    sys.exit(f"Personne ne répond à {adresse}:{port} : vérifie l'adresse, et que l'hôte tourne.")

try:
    accueil = hote.recv(1024).decode()  # l'hôte parle le premier
    print(accueil.strip())
    mots = accueil.split()
    bas, haut = int(mots[-3]), int(mots[-1])  # « … entre 1 et 100 »
    reponse = "plus"
    while reponse in ("plus", "moins"):
        nombre = (bas + haut) // 2
        hote.sendall(str(nombre).encode())
        reponse = hote.recv(1024).decode().strip()
        print(nombre, ":", reponse)
        if reponse == "plus":
            bas = nombre + 1
        else:
            haut = nombre - 1
except OSError:
    print("Le lien est coupé.")
except (ValueError, IndexError):  # un accueil sans bornes, ou une moitié de « gagné »
    print("Je ne comprends pas l'hôte.")
hote.close()
