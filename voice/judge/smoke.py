#!/usr/bin/env python3
"""Hears one recording: smoke.py zh|en RECORDING.wav [AMOUNT]

Prints the text. With an amount (1250.50) the exit status says whether that amount was heard.
Run it with the judge's own Python: .tools/judge/venv/bin/python (voice/judge/install lays it out).
A recording of two channels is heard channel by channel, the louder one first.
"""
import sys

import numpy as np

import hear
import score


def main(language, path, amount=None):
    sound = hear.read_wav(path)
    order = np.argsort(-(sound**2).sum(0))
    texts = [hear.recognise(hear.over_the_line(sound[:, channel]), language) for channel in order]
    print("\n".join(texts))
    if amount is None:
        return 0
    wanted = round(float(amount) * 100)
    return 0 if any(score.contains_amount(language, text, wanted) for text in texts) else 1


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
