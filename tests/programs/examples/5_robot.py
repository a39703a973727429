"""Un robot pour toute une compétition : il attend chaque manche et coupe l'intervalle en deux.

Si le lien se coupe, relance-le avec le même nom : l'hôte lui rend sa place.

    python 5_robot.py 127.0.0.1 2300 Robo
"""

import socket
import sys

adresse = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 2300
nom = sys.argv[3] if len(sys.argv) > 3 else "Robo"


def demande(texte):
    """Envoie une ligne et rend la réponse ; « FIN » si l'hôte a fermé."""
    hote.sendall((texte + "\n").encode())
    return lignes.readline().strip() or "FIN"


def joue(bas, haut):
    """Joue une manche et rend la dernière réponse."""
    reponse = ""
    while bas <= haut:
        nombre = (bas + haut) // 2
        reponse = demande(str(nombre))
        if reponse == "plus":
            bas = nombre + 1
        elif reponse == "moins":
            haut = nombre - 1
        else:  # « gagné », « FIN », ou « erreur … » si la manche a fini avant nous
            break
    return reponse


try:
    hote = socket.create_connection((adresse, port))
except OSError:
    sys.exit(f"Personne ne répond à {adresse}:{port} : vérifie l'adresse, et que l'hôte tourne.")

lignes = hote.makefile(encoding="utf-8")
try:
    print(lignes.readline().strip())
    reponse = demande(f"nom {nom}")  # déjà pris ? alors l'hôte nous en laisse un autre
    print(reponse)
    while reponse != "FIN":
        reponse = demande("pret")  # elle vient quand une manche commence
        print(reponse, flush=True)
        if not reponse.startswith("manche"):
            break
        mots = reponse.split()  # « manche 2 entre 1 et 100 »
        reponse = joue(int(mots[-3]), int(mots[-1]))
        print(reponse, flush=True)
except OSError:
    print("Le lien est coupé.")
except KeyboardInterrupt:  # à l'entraînement il y a toujours un secret de plus
    print("Au revoir !")
hote.close()
