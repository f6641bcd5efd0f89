#!/usr/bin/env python3
"""Renders the committed lines through the product, hears them over a telephone line, and counts.

  judge.py --speak PROGRAM [--pack COMMAND] [--only zh|en] [--lists prompts,amounts] [--limit LINES] [--out FOLDER]

PROGRAM is target/<profile>/examples/speak. Writes FOLDER/heard.tsv and FOLDER/result.json, prints one line of
figures for each language, and fails when one is worse than what is wanted. `voice/judge/run` does all of it.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import hear
import score

# Of each language: how much of the fixed lines may be heard wrong, and how many amounts must be heard right.
WANTED = {"zh": (0.13, 0.85), "en": (0.04, 0.95)}
HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--speak", required=True)
    options.add_argument("--pack")
    options.add_argument("--only")
    options.add_argument("--lists", default="prompts,amounts")
    options.add_argument("--limit", type=int, default=10**6)
    options.add_argument("--out", default="/tmp/huiling-judge")
    options = options.parse_args()
    os.makedirs(options.out, exist_ok=True)
    result, heard_rows = {}, []
    for name in options.lists.split(","):
        rows = read(name, options)
        spoken = render(rows, options)
        for row in rows:
            said = spoken[row[0]]
            sound = hear.read_wav(os.path.join(options.out, row[0] + ".wav"))[:, 0]
            heard = hear.recognise(hear.over_the_line(sound), row[1])
            count(result.setdefault(row[1], {}), name, row, said["text"], heard)
            heard_rows.append("\t".join([row[0], said["speaker"], said["text"], heard]))
            print(heard_rows[-1], flush=True)
    with open(os.path.join(options.out, "heard.tsv"), "w", encoding="utf-8") as file:
        file.write("\n".join(heard_rows) + "\n")
    with open(os.path.join(options.out, "result.json"), "w") as file:
        json.dump(result, file, indent=1)
    for language, figures in result.items():
        print(language, summary(figures), file=sys.stderr)
    misses = [miss for language, figures in result.items() for miss in missed(language, figures)]
    sys.exit("\n".join(misses) if misses else 0)


def read(name, options):
    with open(os.path.join(HERE, name + ".tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    kept = {}
    for row in rows:
        if options.only in (None, row[1]):
            kept.setdefault(row[1], []).append(row)
    return [row for some in kept.values() for row in some[: options.limit]]


def render(rows, options):
    """What each line said, by whom, and how long it took."""
    command = [options.speak, options.out] + ([options.pack] if options.pack else [])
    order = "".join("\t".join(row) + "\n" for row in rows)
    begun = time.monotonic()
    output = subprocess.run(command, input=order, capture_output=True, text=True, check=True).stdout
    spoken = {}
    for line in output.splitlines():
        name, speaker, seconds, took, text = line.split("\t")
        spoken[name] = {"speaker": speaker, "seconds": float(seconds), "ms": int(took), "text": text}
    audio = sum(one["seconds"] for one in spoken.values())
    print(f"rendered {audio:.0f} s of speech in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return spoken


def count(figures, name, row, said, heard):
    wrong, length = score.errors(row[1], said, heard)
    of = figures.setdefault(name, {"lines": 0, "errors": 0, "length": 0, "amounts": 0, "right": 0})
    of["lines"] += 1
    of["errors"] += wrong
    of["length"] += length
    if row[2] in ("pay", "limit"):
        of["amounts"] += 1
        of["right"] += score.states_amount(row[1], heard, round(float(row[3]) * 100))


def missed(language, figures):
    """What is worse than wanted: the lines by all that is heard wrong in them, the other lists by their amounts."""
    wrong, right = WANTED[language]
    for name, of in figures.items():
        if name == "prompts" and of["errors"] > wrong * of["length"]:
            yield f"{language} {name}: more than {100 * wrong:.0f} % of it was heard wrong"
        if name != "prompts" and of["right"] < right * of["amounts"]:
            yield f"{language} {name}: fewer than {100 * right:.0f} % of the amounts were heard right"


def summary(figures):
    return "; ".join(
        f"{name}: {of['lines']} lines, error rate {100 * of['errors'] / of['length']:.1f} %, "
        f"amounts right {of['right']} of {of['amounts']}"
        for name, of in figures.items()
    )


if __name__ == "__main__":
    main()
