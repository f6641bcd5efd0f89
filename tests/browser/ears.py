"""Hears what the handset plays: the frames of its socket against the recordings that ship."""

import pathlib

PROMPTS = pathlib.Path(__file__).parents[2] / "crates/phone/prompts"
DIGITS = {"三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
          "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"}


def recordings():
    """Every fixed line's µ-law sound, by its text."""
    found = {}
    for language in ("zh", "en"):
        sound = (PROMPTS / f"{language}.ulaw").read_bytes()
        for line in (PROMPTS / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
            text, start, length = line.split("\t")[:3]
            found[text] = sound[int(start):int(start) + int(length)]
    return found


# 10 ms of sound.
STRETCH = 80


class Ears:
    def __init__(self):
        self.heard = bytearray()
        self.lines = recordings()

    def frame(self, payload):
        if isinstance(payload, bytes):
            self.heard += payload

    def share_heard(self, text):
        """How much of this line was played, sample by sample. On a busy machine some frames are late
        and left out, so short stretches are looked for, and silence counts for nothing."""
        sound = self.lines[text]
        stretches = [sound[at:at + STRETCH] for at in range(0, len(sound) - STRETCH, STRETCH)]
        voiced = [stretch for stretch in stretches if len(set(stretch)) > STRETCH // 4]
        return sum(stretch in self.heard for stretch in voiced) / max(1, len(voiced))

    def proof_digit(self):
        """The digit that the voice named, once most of that line was heard and no other was."""
        shares = {}
        for word, digit in DIGITS.items():
            for text in (f"请按{word}键继续。", f"To continue, press {word}."):
                if text in self.lines:
                    shares[digit] = max(shares.get(digit, 0), self.share_heard(text))
        best, second = sorted(shares, key=shares.get, reverse=True)[:2]
        return best if shares[best] > 0.2 and shares[best] > 2 * shares[second] else None

    def seconds(self):
        return len(self.heard) / 8000

    def forget(self):
        self.heard.clear()
