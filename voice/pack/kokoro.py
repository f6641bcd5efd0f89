"""The Kokoro-82M model under onnxruntime: phonemes in, 24 kHz speech out."""
import json
import os

import numpy as np

import english
import mandarin

RATE = 24000
HERE = os.path.dirname(os.path.abspath(__file__))
STYLE = {"zh": "zm_yunxi.bin", "en": "af_heart.bin"}
MAX_TOKENS = 500


class Kokoro:
    """One loaded model. `home` holds kokoro.onnx and vocab.json, as `install` lays them out."""

    def __init__(self, home, threads=1, model=None):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            model or os.path.join(home, "kokoro.onnx"), options, providers=["CPUExecutionProvider"]
        )
        with open(os.path.join(home, "vocab.json"), encoding="utf-8") as file:
            self.vocab = json.load(file)["vocab"]
        self.style = {
            language: np.fromfile(os.path.join(HERE, name), np.float32).reshape(-1, 256)
            for language, name in STYLE.items()
        }

    def speak(self, language, text):
        """The sound of a text, 24 kHz float."""
        return np.concatenate([self.run(language, part)[0] for part in self.split(language, text)])

    def split(self, language, text):
        """The phonemes of a text, cut between sentences where it is too long for the model."""
        phonemes = phonemes_of(language, text)
        parts, room = [""], MAX_TOKENS
        for sentence in phonemes.replace(". ", ".\n").split("\n"):
            if parts[-1] and len(parts[-1]) + len(sentence) > room:
                parts.append("")
            parts[-1] += (" " if parts[-1] else "") + sentence
        return [part[:room] for part in parts if part.strip()]

    def run(self, language, phonemes):
        """The sound of phonemes, and whatever else the graph puts out (token lengths when asked for)."""
        tokens = [self.vocab[c] for c in phonemes if c in self.vocab]
        row = min(max(0, len(tokens) - 1), len(self.style[language]) - 1)
        outputs = self.session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": self.style[language][row][None],
                "speed": np.array([1.0], np.float32),
            },
        )
        return [output.ravel() for output in outputs]


def language_of(text):
    """A line is spoken by the voice of its own script."""
    return "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else "en"


def phonemes_of(language, text):
    return mandarin.phonemes(text) if language == "zh" else english.phonemes(text)
