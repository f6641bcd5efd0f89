#!/usr/bin/env python3
"""The voice pack: reads JSON lines, answers with 8 kHz speech. See crates/phone/src/prompts/pack.

  in   {"id": 1, "language": "zh-Hans", "text": "..."}
  out  {"id": 1, "samples": 12345} and 2 x 12345 octets of 16-bit PCM, least octet first
       {"id": 1, "error": "..."}
It says {"ready": true} once the model is loaded, and ends with its standard input.
"""
import json
import sys

import kokoro
import telephone

LONGEST_TEXT = 600


def main(home):
    out = sys.stdout.buffer
    voice = kokoro.Kokoro(home)
    kokoro.phonemes_of("zh", "回铃")  # loads the dictionaries
    kokoro.phonemes_of("en", "hello")
    answer(out, {"ready": True})
    for line in sys.stdin.buffer:
        order = {}
        try:
            order = json.loads(line)
            samples = render(voice, order["text"])
        except Exception as error:  # the next line may be right; a message could hold a name
            answer(out, {"id": order.get("id", 0), "error": type(error).__name__})
            continue
        answer(out, {"id": order["id"], "samples": len(samples)}, samples.tobytes())


def render(voice, text):
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise ValueError(f"a text has 1 to {LONGEST_TEXT} characters")
    sound = voice.speak(kokoro.language_of(text), text)
    return telephone.pcm(telephone.loud(telephone.telephone(sound, kokoro.RATE)))


def answer(out, header, body=b""):
    out.write(json.dumps(header).encode() + b"\n" + body)
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1])
