#!/usr/bin/env python3
"""Hears amounts: hear_amounts.py zh|en RECORDING.wav FROM_MS UNTIL_MS

Prints JSON: what the recogniser understood of that part of the first channel, and the amounts in it in
minor units. Run it with the recogniser's own Python (voice/judge/install lays it out).
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "voice/judge"))
import hear  # noqa: E402
import score  # noqa: E402


def main(language, path, from_ms, until_ms):
    sound = hear.read_wav(path)[int(from_ms) * 8:int(until_ms) * 8, 0]
    text = hear.recognise(hear.over_the_line(sound), language)
    # A unit that was misheard hides no number.
    listener = score.HEARD[language]
    print(json.dumps({"text": text, "amounts": sorted({*listener.amounts(text), *listener.stated(text)})}))


if __name__ == "__main__":
    main(*sys.argv[1:])
