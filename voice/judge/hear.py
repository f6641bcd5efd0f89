"""A recording as a telephone carries it, and what Whisper base hears in it."""
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "pack"))

import telephone  # noqa: E402

HOME = os.environ.get("HUILING_JUDGE", os.path.join(HERE, "..", "..", ".tools", "judge"))
_model = None


def read_wav(path):
    """8 kHz float of the first channel; 16-bit PCM, A-law or mu-law."""
    with open(path, "rb") as file:
        data = file.read()
    at, shape, body = 12, None, b""
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            tag, channels = np.frombuffer(data[at + 8 : at + 12], "<u2")
            rate = int.from_bytes(data[at + 12 : at + 16], "little")
            shape = int(tag), int(channels), rate
        if name == b"data":
            body = data[at + 8 : at + 8 + size]
            break
        at += 8 + size + size % 2
    tag, channels, rate = shape
    if rate != 8000:
        raise ValueError(f"{path}: {rate} Hz, 8000 expected")
    if tag == 1:
        samples = np.frombuffer(body[: len(body) // 2 * 2], "<i2")
    else:
        codes = np.frombuffer(body, np.uint8)
        samples = telephone.ulaw_decode(codes) if tag == 7 else alaw_decode(codes)
    samples = samples[: len(samples) // channels * channels].reshape(-1, channels)
    return samples.astype(np.float64) / 32768


def over_the_line(sound):
    """300-3,400 Hz and G.711 A-law."""
    if not len(sound):
        return np.zeros(0, np.float32)
    sound = telephone.telephone(sound, 8000)
    return alaw_decode(alaw(telephone.pcm(sound))).astype(np.float32) / 32768


def alaw(samples):
    s = np.asarray(samples, np.int32) >> 3
    positive = s >= 0
    m = np.minimum(np.where(positive, s, -s - 1), 4095)
    seg = np.zeros_like(m)
    for i in range(1, 8):
        seg = np.where(m >= (32 << (i - 1)), i, seg)
    code = (seg << 4) | ((m >> np.where(seg < 2, 1, seg)) & 15)
    return ((code | np.where(positive, 0x80, 0)) ^ 0x55).astype(np.uint8)


def alaw_decode(codes):
    c = np.asarray(codes, np.int32) ^ 0x55
    seg, q = (c >> 4) & 7, c & 15
    m = np.where(seg == 0, q * 2 + 1, (q * 2 + 33) << np.maximum(seg - 1, 0)) * 8
    return np.where(c & 0x80, m, -m).astype(np.int16)


def recognise(sound, language):
    """The text heard in an 8 kHz sound."""
    global _model
    if _model is None:
        from faster_whisper import WhisperModel

        threads = int(os.environ.get("HUILING_JUDGE_THREADS", "2"))
        _model = WhisperModel(os.path.join(HOME, "whisper-base"), device="cpu", compute_type="int8", cpu_threads=threads)
    pad = np.zeros(2400)
    sound = np.concatenate([pad, sound, pad])
    # Twice the samples by a straight line between each two; Whisper wants 16 kHz.
    doubled = np.interp(np.arange(len(sound) * 2) / 2, np.arange(len(sound)), sound)
    n = np.arange(-32, 33)
    low = np.sinc(n * 0.45) * 0.45 * np.blackman(65)
    audio = np.convolve(doubled, low, mode="same").astype(np.float32)
    if len(audio) < 8000:
        return ""
    segments, _ = _model.transcribe(
        audio,
        language=language,
        beam_size=5,
        temperature=[0.0, 0.2, 0.4],
        condition_on_previous_text=False,
        without_timestamps=True,
        initial_prompt="以下是普通话的句子。" if language == "zh" else None,
    )
    return "".join(segment.text for segment in segments).strip()
