# Un robot qui tire au hasard parmi les nombres encore possibles.
#
#   justeprix arena mon_bot.py                      mille parties, sans réseau
#   justeprix bot mon_bot.py --server 192.168.1.20  contre l'hôte de la classe

import random


def joue(bas, haut, historique):
    # bas et haut : le plus petit et le plus grand nombre permis, les mêmes à chaque coup.
    # historique : tes coups jusqu'ici, une liste vide au début, puis par exemple
    #   [(50, "plus"), (75, "moins")]      « plus » : le secret est plus grand que 50
    for nombre, reponse in historique:
        if reponse == "plus":
            bas = nombre + 1
        else:
            haut = nombre - 1
    return random.randint(bas, haut)
