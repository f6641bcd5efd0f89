"""Hears what the handset plays: the frames of its socket against the recordings that ship."""

import pathlib

PROMPTS = pathlib.Path(__file__).parents[2] / "crates/phone/prompts"
# 10 ms of sound.
STRETCH = 80


def recordings():
    """Every line's µ-law sound, by its text."""
    found = {}
    for language in ("zh", "en"):
        sound = (PROMPTS / f"{language}.ulaw").read_bytes()
        for line in (PROMPTS / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
            text, start, length = line.split("\t")[:3]
            found[text] = sound[int(start):int(start) + int(length)]
    return found


def questions():
    """The lines that name a digit, in both languages, by the digit."""
    found = {}
    for line in (PROMPTS / "prompts.tsv").read_text(encoding="utf-8").splitlines():
        name, *texts = line.split("\t")
        if name.startswith("press-"):
            found[name[-1]] = texts[:2]
    assert len(found) == 7, found
    return found


class Ears:
    def __init__(self):
        self.heard = bytearray()
        self.lines = recordings()
        self.questions = questions()

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
        for digit, texts in self.questions.items():
            shares[digit] = max(self.share_heard(text) for text in texts)
        best, second = sorted(shares, key=shares.get, reverse=True)[:2]
        return best if shares[best] > 0.2 and shares[best] > 2 * shares[second] else None

    def seconds(self):
        return len(self.heard) / 8000

    def forget(self):
        self.heard.clear()
