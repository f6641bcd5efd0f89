#!/usr/bin/env python3
"""Fills the cache: every sentence that the parts are cut from. Resumable; hours of nothing to watch."""
import sys

import inventory
import speech
import syllables
from kokoro import language_of, phonemes_of


def main(home, cache, only=""):
    voice = speech.Speech(home, cache)
    done = 0
    for phonemes, _ in syllables.carriers() if only != "sentences" else ():
        voice.render("zh", phonemes)
        done += 1
    print("syllables", done, flush=True)
    if only == "syllables":
        return
    for text in inventory.lines():
        voice.render(language_of(text), phonemes_of(language_of(text), text))
        done += 1
    print("lines", done, flush=True)
    sentences = list(inventory.carriers())
    for text, phrases in reversed(sentences) if only == "backwards" else sentences:
        language = language_of(text)
        voice.render(language, speech.carrier(language, text, phrases)[0])
        done += 1
        if done % 50 == 0:
            print("sentences", done, flush=True)
    print("all", done)


main(*sys.argv[1:])
