"""Renders each sentence once and keeps it, with the length of every token, in a cache folder."""
import hashlib
import os
import re
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pack"))

import english  # noqa: E402
import kokoro  # noqa: E402
import mandarin  # noqa: E402

FRAME = 600  # samples of 24 kHz for each unit of length
LENGTHS = "/encoder/Clip_output_0"


class Speech:
    def __init__(self, home, cache):
        self.home, self.cache, self.model = home, cache, None
        os.makedirs(cache, exist_ok=True)

    def render(self, language, phonemes):
        """(24 kHz float sound, start sample of every phoneme and the end)."""
        path = os.path.join(self.cache, hashlib.sha256(f"{language}{phonemes}".encode()).hexdigest()[:24] + ".npz")
        if not os.path.exists(path):
            self.model = self.model or kokoro.Kokoro(self.home, 1, with_lengths(self.home))
            sound, lengths = self.model.run(language, phonemes)
            np.savez(path + ".tmp.npz", sound=(np.clip(sound, -1, 1) * 32767).astype(np.int16), lengths=lengths)
            os.replace(path + ".tmp.npz", path)
        kept = np.load(path)
        known = np.concatenate([[0], np.cumsum(kept["lengths"]) * FRAME]).astype(int)
        return kept["sound"] / 32767, known


def with_lengths(home):
    """The model with one more output: how long each token is."""
    path = os.path.join(home, "kokoro.lengths.onnx")
    if not os.path.exists(path):
        import onnx

        model = onnx.load(os.path.join(home, "kokoro.onnx"))
        model.graph.output.append(onnx.helper.make_tensor_value_info(LENGTHS, onnx.TensorProto.FLOAT, None))
        onnx.save(model, path)
    return path


def units(language, text):
    """The text as (unit, phonemes): a Chinese character, an English word, or a mark."""
    if language == "zh":
        return [(char, sound) for char, sound, _ in _zh_units(text)]
    tokens = re.findall(r"[A-Za-z']+|[.,!?;:]", text)
    return [
        (t, t if not t[0].isalpha() else english._word(t, tokens[i + 1] if i + 1 < len(tokens) else ""))
        for i, t in enumerate(tokens)
    ]


def _zh_units(text):
    table = mandarin._load()[3]
    out = []
    for word in mandarin.words(text):
        readings = mandarin.readings(word)
        for place, (char, reading) in enumerate(zip(word, readings if len(readings) == len(word) else word)):
            mark = mandarin.MARKS.get(char)
            out.append((char, mark.strip() if mark else table[reading], place == 0))
    return out


def carrier(language, text, phrases):
    """Phonemes of a carrier, and for each phrase the token span (first, last + 1, before a pause?).

    The model hears a word boundary at the ends of a phrase, but for one that begins with a hyphen. What
    is cut out of [三]点五块 is 三, where it stands like that.
    """
    soft = {re.sub(r"^-|[\[\]]|(?<=]).*", "", phrase) for phrase in phrases if phrase[0] == "-"}
    phrases = [phrase.removeprefix("-") for phrase in phrases]
    parts = units(language, text)
    joined = "".join(u for u, _ in parts) if language == "zh" else None
    starts, spans = {}, []
    for phrase in phrases:
        if language == "zh":
            before, _, rest = phrase.rpartition("[")
            first = joined.index(phrase.replace("[", "").replace("]", "")) + len(before)
            phrase = rest.partition("]")[0]
            spans.append((phrase, first, first + len(phrase)))
        else:
            words = phrase.split()
            texts = [u for u, _ in parts]
            first = next(i for i in range(len(texts)) if texts[i : i + len(words)] == words)
            spans.append((phrase, first, first + len(words)))
    breaks = {place for phrase, first, last in spans if phrase not in soft for place in (first, last)}
    if language == "zh":
        breaks |= {place for place, (_, _, begins) in enumerate(_zh_units(text)) if begins}
    phonemes, at, ends = "", {}, {}
    for place, (unit, sound) in enumerate(parts):
        is_mark = not unit[0].isalnum()
        if phonemes and not is_mark and (language == "en" or place in breaks or phonemes[-1] in ",.!?"):
            phonemes += " "
        at[place] = len(phonemes)
        phonemes += sound
        ends[place] = len(phonemes)
    marks = {p for p, (u, _) in enumerate(parts) if not u[0].isalnum()}
    return phonemes, [(phrase, at[f], ends[l - 1], l in marks, f - 1 in marks or f == 0) for phrase, f, l in spans]
