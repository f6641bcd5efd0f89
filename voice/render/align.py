#!/usr/bin/env python3
"""Where sounds lie against their tokens: align.py MODEL_HOME CACHE

For each initial of a Chinese syllable, the mean energy from 100 ms before its token to 100 ms after it, in
steps of 10 ms. The dip is where the syllable before it ends: it decides AHEAD in pack.py.
"""
import sys

import numpy as np

import speech
import syllables
import telephone
from kokoro import RATE

AROUND, STEP = 800, 80


def main(home, cache):
    voice = speech.Speech(home, cache)
    found = {}
    for phonemes, spans in syllables.carriers():
        sound, starts = voice.render("zh", phonemes)
        sound = telephone.telephone(sound, RATE)
        for place, (key, first, *_) in enumerate(spans):
            at = starts[first + 1] // 3
            around = sound[at - AROUND : at + AROUND]
            if place % 3 and len(around) == 2 * AROUND:
                energy = np.sqrt((around.reshape(-1, STEP) ** 2).mean(1))
                initial = key[:2] if key[:2] in ("zh", "ch", "sh") else key[0]
                found.setdefault(initial, []).append(energy / energy.max())
    for initial, energies in sorted(found.items()):
        print(initial, " ".join(f"{round(x * 100):2}" for x in np.mean(energies, 0)))


main(*sys.argv[1:3])
