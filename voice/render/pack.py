#!/usr/bin/env python3
"""Cuts the rendered sentences into phrases and packs them: crates/phone/prompts/{zh,en}.{tsv,ulaw}.

  pack.py MODEL_HOME CACHE [--partial]     --partial leaves out what is not rendered yet
"""
import os
import sys

import numpy as np

import inventory
import speech
import syllables
import telephone
from kokoro import RATE, language_of, phonemes_of

EDGE = int(0.015 * 8000)  # a cut is moved to the quietest place this near
FADE = int(0.004 * 8000)
QUIET = 0.006  # of full scale, for the ends of phrases at a pause
TAIL = int(0.040 * 8000)
# A sound is heard this much before its token begins (the mean over 1,300 syllables; see align.py).
AHEAD = int(0.045 * 8000)
SHORTEST = int(0.090 * 8000)


class Missing(Exception):
    pass


def main(home, cache, partial):
    voice = speech.Speech(home, cache)
    if partial:
        voice.model = Refuses()
    banks = {"zh": {}, "en": {}}
    missing = 0
    for text in inventory.lines():
        language = language_of(text)
        try:
            sound, _ = voice.render(language, phonemes_of(language, text))
        except Missing:
            missing += 1
            continue
        banks[language].setdefault(text, (trim(level(sound)), False))
    for text, phrases in inventory.carriers():
        language = language_of(text)
        phonemes, spans = speech.carrier(language, text, phrases)
        missing += cut_all(voice, banks[language], language, phonemes, spans)
    for phonemes, spans in syllables.carriers():
        missing += cut_all(voice, banks["zh"], "zh", phonemes, spans, even=True)
    for language, bank in banks.items():
        write(language, bank)
    print("missing sentences:", missing)


class Refuses:
    def run(self, *_):
        raise Missing


def level(sound):
    return telephone.loud(telephone.telephone(sound, RATE))


def cut_all(voice, bank, language, phonemes, spans, even=False):
    try:
        sound, starts = voice.render(language, phonemes)
    except Missing:
        return 1
    sound = level(sound)
    for key, first, last, to_pause, from_pause in spans:
        if key not in bank:
            spaces = first > 0 and phonemes[first - 1] == " ", phonemes[last : last + 1] == " "
            piece = cut(sound, starts / 3, first, last, to_pause, from_pause, spaces)
            bank[key] = (evened(piece) if even else piece, not to_pause)
    return 0


def cut(sound, starts, first, last, to_pause, from_pause, spaces):
    """The tokens first..last; token 0 is the model's own beginning, so a phoneme is one further."""
    begin = starts[first + 1] - AHEAD
    end = starts[min(last + 1 + spaces[1], len(starts) - 1)] - AHEAD
    if from_pause:
        begin = max(0, begin - 400)
    else:
        begin = quietest(sound, begin)
    if to_pause:
        end = min(len(sound), starts[min(last + 2, len(starts) - 1)], starts[last + 1] + 2400)
    else:
        end = quietest(sound, end)
    if end - begin < SHORTEST:
        begin = max(0, starts[first + 1] - AHEAD)
        end = begin + SHORTEST
    piece = np.array(sound[int(begin) : int(end)])
    if from_pause or to_pause:
        piece = trim(piece, from_pause, to_pause)
    ramp = np.linspace(0, 1, FADE)
    piece[:FADE] *= ramp
    piece[-FADE:] *= ramp[::-1]
    return piece


def evened(piece, low=0.10, high=0.16):
    """A syllable brought to the loudness of its neighbours; they come from anywhere."""
    power = np.sqrt((piece**2).mean())
    gain = np.clip(power, low, high) / max(power, 1e-4)
    return np.clip(piece * min(gain, 6), -0.85, 0.85)


def quietest(sound, at):
    at = int(at)
    low, high = max(0, at - EDGE), min(len(sound), at + EDGE)
    power = np.convolve(sound[low:high] ** 2, np.ones(40), mode="same")
    return low + int(power.argmin()) if len(power) else at


def trim(sound, front=True, back=True):
    """Without the silence at its ends, but for a short tail."""
    power = np.sqrt(np.convolve(sound**2, np.ones(80) / 80, mode="same"))
    loud = np.flatnonzero(power > QUIET)
    if not len(loud):
        return sound
    first = max(0, loud[0] - TAIL) if front else 0
    last = min(len(sound), loud[-1] + TAIL) if back else len(sound)
    return np.array(sound[first:last])


def write(language, bank):
    path = os.path.join(inventory.PROMPTS, language)
    at, rows, octets = 0, [], []
    for key in sorted(bank):
        sound, runs_on = bank[key]
        code = telephone.ulaw(telephone.pcm(sound))
        rows.append(f"{key}\t{at}\t{len(code)}" + ("\ton" if runs_on else ""))
        octets.append(code.tobytes())
        at += len(code)
    with open(path + ".ulaw", "wb") as file:
        file.write(b"".join(octets))
    with open(path + ".tsv", "w", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")
    print(language, len(rows), "phrases", at, "octets")


main(sys.argv[1], sys.argv[2], "--partial" in sys.argv)
