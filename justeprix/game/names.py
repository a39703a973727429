"""What a player may be called. Pure.

A name is shown to the whole class, so the worst words are refused, however they are dressed up:
`C0nn4rd`, `c-o-n`, `Cooon`. The list is short and looks for whole words where a shorter word
could hide in a real name (Constance, Pacôme, Nikita). What it misses, the teacher sees.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import combinations, groupby, starmap

from justeprix.errors import ErrorCode, ProtocolError

__all__ = ["MAX_NAME", "clean_name", "is_rude", "same_name"]

MAX_NAME = 20
"""Characters of a name, after NFKC."""

_SIGNS = " -_'"

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0").union(
    map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)
"""Letters and marks that nobody sees (Unicode's Default_Ignorable_Code_Point)."""

# The lists below are offensive: they name what is refused, without accents, each in its shortest
# spelling, since a letter may always be repeated. A plural s need not be written.
_WHOLE_WORDS = """
    con conne ducon grocon groscon connerie cul trouducul trouduc tetedenoeud
    pute puta puto tepu teupu fils2pute fdp ntm ptn vtff nique niquer niker niktamere tamere
    tagueule garce salop salope salaud salaude batard batarde enfoire abruti cretin debile
    attarde triso mongol mongole mongolien cassos pede pd tapete fiote tafiole gouine lopete
    travelo negre negro negresse negrillon bicot youtre chinetok chintok niakoue nazi kkk
    salejuif salearabe salenoir bite teub zob zebi zgeg chibre couille couillon nichon
    penis vagin chatte anus merde merdeux mierda chier chiant foutre baise baiser suce suceur
    suceuse violeur pedo porn porno kahba kehba tuetoi suicidetoi
    fck shit shity bullshit bitch biatch whore slut cunt pussy bastard wanker twat fag rapist
    retarded chink dildo milf kys stfu gtfo
"""

_ANYWHERE = """
    encul enkul conard konard conass konass putain petass poufias salopard filsdeput
    niquetamere niquetarace tarlouz gouinass branleur branlete emmerd bougnoul bamboula youpin
    chinetoc chinetoq pedophil sodomi hitler fuck shithead asshole dickhead cocksuck nigger nigga
    faggot
"""

_LOOKS_LIKE = str.maketrans("øłđıаеорсухіѕјктмнвαορτικευ", "oldiaeopcyxisjktmhbaoptikeu") | {
    ord("œ"): "oe",
    ord("æ"): "ae",
}
"""Letters that no accent explains, and the Cyrillic and Greek ones that look Latin."""

_DISGUISES = {
    signs[0]: signs for signs in ("a4", "b8", "e3", "g69", "i1", "l1", "o0", "s5", "t7", "z2")
}
"""A letter, with the digits that stand in for it."""


def _pattern(words: str) -> str:
    """Match any of the words with letters repeated, or replaced by digits."""
    return "|".join("".join(starmap(_run, groupby(word))) for word in words.split())


def _run(letter: str, run: Iterator[str]) -> str:
    # As often as in the word at least: "conne" must not find Cone.
    return f"[{_DISGUISES.get(letter, letter)}]{{{len(list(run))},}}"


@cache  # built with the first name: most commands never see one
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what a whole word, a part of one, and a name cut into pieces must not look like."""
    part = _pattern(_ANYWHERE)
    # 1973 is a year, not "bite" misspelt: a letter there must be.
    whole = rf"(?=.*[a-z])[0-9]*(?:{_pattern(_WHOLE_WORDS)})[s5]*[0-9]*"
    return re.compile(whole), re.compile(part), re.compile(rf"(?:{part})\w{{0,3}}[0-9]*")


def same_name(name: str) -> str:
    """Return what two names share that differ in case only (Unicode 3.13, D146 with NFKC)."""
    return unicodedata.normalize("NFKC", name.casefold())


def clean_name(text: str) -> str:
    """Return the name as it is shown (NFKC, single spaces).

    Raises ProtocolError(nom) unless it has 1 to 20 letters, digits, spaces or `-_'`, and no
    word that hurts.
    """
    name = " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").split())
    if not 1 <= len(name) <= MAX_NAME:
        raise ProtocolError(
            ErrorCode.NOM, f"choisis un nom de 1 à {MAX_NAME} caractères, comme : nom Ada"
        )
    if not all(_allowed(sign) for sign in name) or not any(map(str.isalnum, name)):
        raise ProtocolError(
            ErrorCode.NOM, "un nom n'a que des lettres, des chiffres, des espaces et - _ '"
        )
    if is_rude(name):
        raise ProtocolError(ErrorCode.NOM, "ce nom peut blesser quelqu'un : choisis-en un autre")
    return name


def _allowed(sign: str) -> bool:
    if sign in _INVISIBLE:
        return False
    return sign in _SIGNS or unicodedata.category(sign)[0] in "LM" or sign.isdecimal()


def is_rude(name: str) -> bool:
    """Whether a name has a word of the lists, however it is dressed up."""
    words = re.split(r"[ \-_']+", _plain(name))
    whole, part, _ = _patterns()
    if any(whole.fullmatch(word) or part.search(word) for word in words):
        return True
    cuts = combinations(range(len(words) + 1), 2)
    return any(_rude_pieces(words[start:end]) for start, end in cuts if end - start > 1)


def _rude_pieces(pieces: list[str]) -> bool:
    """Whether these neighbours make one word of the lists, whole: `c-o-n`, but not Helen Culver."""
    word = "".join(pieces)
    # Ana L and Naz I: a first name and an initial tell two pupils apart.
    initial = len(pieces[-1]) == 1 and len(pieces[0]) > 2
    whole, _, cut = _patterns()
    return bool(cut.fullmatch(word) or (not initial and whole.fullmatch(word)))


def _plain(name: str) -> str:
    """Return a name in small letters without accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(x for x in letters if unicodedata.category(x)[0] != "M").translate(_LOOKS_LIKE)
