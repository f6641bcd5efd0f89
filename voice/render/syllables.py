"""The toned syllables that names are put together from, and the carriers they are cut from.

Said alone or in a list, short syllables are swallowed; in threes, as in names, they are not.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pack"))

import mandarin  # noqa: E402

TOGETHER = 9
END = ", fu↘kʰwa↓n."


def names():
    """Every reading of the common characters (GB 2312 level 1), the first reading of the others."""
    from pypinyin import Style, pinyin

    found = {}
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                char = bytes([row, cell]).decode("gb2312")
            except UnicodeDecodeError:
                continue
            options = {"style": Style.TONE3, "neutral_tone_with_five": True}
            readings = pinyin(char, heteronym=row < 0xD8, **options)[0]
            for reading in readings:
                found.setdefault(reading.replace("v", "ü"), char)
    table = mandarin._load()[3]
    return {key: table[key.replace("ü", "v")] for key in found if key.replace("ü", "v") in table}


def carriers():
    """(phonemes, [(key, first, last + 1, before a pause, after a pause)]): nine syllables in threes,
    as names have them, and a word after them, for the end of a sentence is weak."""
    sounds = list(names().items())
    for start in range(0, len(sounds), TOGETHER):
        phonemes, spans = "", []
        for place, (key, sound) in enumerate(sounds[start : start + TOGETHER]):
            if place and place % 3 == 0:
                phonemes += ", "
            spans.append((key, len(phonemes), len(phonemes) + len(sound), False, False))
            phonemes += sound
        yield phonemes + END, spans
