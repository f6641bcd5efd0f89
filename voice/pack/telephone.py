"""Speech made fit for a telephone: 8 kHz, 300-3,400 Hz, one loudness, G.711."""
import numpy as np

RATE = 8000
TAPS = 255


def _band(rate):
    """A linear-phase band-pass of 300-3,400 Hz (Blackman window)."""
    n = np.arange(TAPS * rate // RATE // 2 * 2 + 1)
    n = n - n[-1] / 2

    def low(cut):
        return 2 * cut / rate * np.sinc(2 * cut / rate * n)

    return (low(3400) - low(250)) * np.blackman(len(n))


def telephone(sound, rate):
    """Filters a sound of 8, 16 or 24 kHz and brings it to 8 kHz; its loudness is left alone."""
    filtered = np.convolve(np.asarray(sound, np.float64), _band(rate), mode="same")
    return filtered[:: rate // RATE]


def loud(sound, level=0.12, peak=0.85):
    """The speaking part brought to one RMS level, the peaks bent softly below `peak`."""
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    if not len(frames):
        return sound
    power = np.sqrt((frames**2).mean(1))
    speaking = power[power > power.max() * 0.15]
    sound = sound * (level / max(speaking.mean() if len(speaking) else 0, 1e-6))
    over = np.abs(sound) > peak * 0.7
    bent = np.sign(sound) * peak * (0.7 + 0.3 * np.tanh((np.abs(sound) / peak - 0.7) / 0.3))
    return np.where(over, bent, sound)


def pcm(sound):
    return np.clip(np.round(sound * 32767), -32768, 32767).astype("<i2")


def ulaw(samples):
    """G.711 mu-law of 16-bit samples."""
    s = np.asarray(samples, np.int32)
    sign = np.where(s < 0, 0x80, 0)
    m = np.minimum(np.abs(s), 32635) + 132
    seg = np.floor(np.log2(m)).astype(np.int32) - 7
    return (~(sign | (seg << 4) | ((m >> (seg + 3)) & 15)) & 0xFF).astype(np.uint8)


def ulaw_decode(codes):
    u = ~np.asarray(codes, np.uint8) & 0xFF
    m = (((u & 15).astype(np.int32) << 3) + 132) << ((u >> 4) & 7)
    return np.where(u & 0x80, 132 - m, m - 132).astype("<i2")
