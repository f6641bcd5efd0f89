"""English text to Kokoro phonemes by the misaki lexicon (Apache-2.0); no espeak."""
import json
import os
import re

FUNCTION = {
    "a": "ɐ", "an": "ən", "the": "ðə", "to": "tə", "and": "ænd", "of": "ʌv", "or": "ɔɹ", "for": "fɔɹ",
    "is": "ɪz", "in": "ɪn", "your": "jʊɹ", "you": "ju", "at": "æt", "it": "ɪt",
}
EXTRA = {"yuan": "jˌuˈɑn", "huiling": "hwˌAlˈiŋ", "fen": "fˈɛn"}

# Pinyin for an English listener: initials, then finals.
INITIALS = [
    ("zh", "ʤ"), ("ch", "ʧ"), ("sh", "ʃ"), ("b", "b"), ("p", "p"), ("m", "m"),
    ("f", "f"), ("d", "d"), ("t", "t"), ("n", "n"), ("l", "l"), ("g", "ɡ"),
    ("k", "k"), ("h", "h"), ("j", "ʤ"), ("q", "ʧ"), ("x", "ʃ"), ("r", "ɹ"),
    ("z", "dz"), ("c", "ts"), ("s", "s"), ("y", "j"), ("w", "w"),
]
FINALS = {
    "a": "ˈɑ", "ai": "ˈI", "an": "ˈɑn", "ang": "ˈɑŋ", "ao": "ˈW", "e": "ˈʌ",
    "ei": "ˈA", "en": "ˈʌn", "eng": "ˈʌŋ", "er": "ˈɑɹ", "i": "ˈi", "ia": "jˈɑ",
    "ian": "jˈɛn", "iang": "jˈɑŋ", "iao": "jˈW", "ie": "jˈɛ", "in": "ˈin", "ing": "ˈiŋ",
    "iong": "jˈʊŋ", "iu": "jˈO", "o": "wˈɔ", "ong": "ˈʊŋ", "ou": "ˈO", "u": "ˈu",
    "ua": "wˈɑ", "uai": "wˈI", "uan": "wˈɑn", "uang": "wˈɑŋ", "ui": "wˈA", "un": "wˈʊn",
    "uo": "wˈɔ", "ue": "wˈɛ", "ü": "ˈu", "üe": "wˈɛ",
}

_lexicon = None


def phonemes(text):
    tokens = re.findall(r"[A-Za-z']+|[.,!?;:]", text.replace("-", " "))
    out = ""
    for place, token in enumerate(tokens):
        if not token[0].isalpha():
            out += token
            continue
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        out += (" " if out else "") + _word(token, after)
    return out


def _word(word, after):
    lower = word.lower()
    if lower == "the":
        return "ði" if after[:1].lower() in tuple("aeiou") else "ðə"
    if lower in FUNCTION:
        return FUNCTION[lower]
    return (
        _look_up(word)
        or _inflected(lower)
        or _pinyin(lower)
        or " ".join(_look_up(letter.upper()) or "" for letter in word)
    )


def _look_up(word):
    for lexicon in (EXTRA, *_load()):
        for key in (word, word.lower(), word.capitalize()):
            found = lexicon.get(key)
            if found:
                return found if isinstance(found, str) else found["DEFAULT"]
    return None


def _inflected(word):
    rules = (
        ("ies", "s", ["y"]), ("es", "s", ["", "e"]), ("s", "s", [""]),
        ("ied", "d", ["y"]), ("ed", "d", ["", "e"]), ("ing", "g", ["", "e"]),
    )
    for end, kind, stems in rules:
        if word.endswith(end):
            for stem in stems:
                found = _look_up(word[: -len(end)] + stem)
                if found:
                    return found + _ending(found[-1], kind)
    return None


def _ending(last, kind):
    if kind == "s":
        return "ᵻz" if last in "szʃʒʧʤ" else "s" if last in "ptkfθ" else "z"
    if kind == "d":
        return "ᵻd" if last in "td" else "t" if last in "pkfθʃsʧ" else "d"
    return "ɪŋ"


def _pinyin(word):
    """The fewest syllables that make up the word; the last one is stressed."""
    best = {0: []}
    for end in range(1, len(word) + 1):
        ways = [
            [*best[start], sound]
            for start in range(max(0, end - 6), end)
            if start in best and (sound := _syllable(word[start:end]))
        ]
        if ways:
            best[end] = min(ways, key=len)
    sounds = best.get(len(word))
    if not sounds:
        return None
    return "".join(sound.replace("ˈ", "ˌ") for sound in sounds[:-1]) + sounds[-1]


def _syllable(text):
    for initial, sound in INITIALS:
        final = text[len(initial):]
        if text.startswith(initial) and final in FINALS:
            rest = FINALS[final]
            if (initial == "y" and rest.startswith("j")) or (initial == "w" and rest.startswith("w")):
                sound = ""
            if final == "i" and initial in ("zh", "ch", "sh", "r"):
                rest = "ˈɜɹ"
            if final == "i" and initial in ("z", "c", "s"):
                rest = "ˈɪ"
            return sound + rest
    return FINALS.get(text)


def _load():
    global _lexicon
    if _lexicon is None:
        folder = os.environ.get("HUILING_LEXICON") or _misaki()
        _lexicon = []
        for name in ("us_gold.json", "us_silver.json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                _lexicon.append(json.load(file))
    return _lexicon


def _misaki():
    import importlib.util

    return os.path.join(os.path.dirname(importlib.util.find_spec("misaki").origin), "data")
