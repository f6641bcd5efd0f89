"""What the parts pack holds: whole lines, and phrases that are cut out of carrier sentences.

The engine speaks a text by its longest known phrases, so an entry is only its text. A carrier is one
sentence and the phrases to cut from it; all phrases of amounts stand where they stand in real lines.
"""
import csv
import os

HERE = os.path.dirname(os.path.abspath(__file__))
PROMPTS = os.path.join(HERE, "..", "..", "crates", "phone", "prompts")

CN = "零一二三四五六七八九"
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
TENS = "x x twenty thirty forty fifty sixty seventy eighty ninety".split()


def table(name):
    with open(os.path.join(PROMPTS, name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]


def lines():
    """Whole lines, rendered and kept whole."""
    for _, zh, en in table("prompts.tsv"):
        yield zh
        yield en
    for zh, en in table("frames.tsv"):
        yield zh
        yield en


# ---------------------------------------------------------------- Chinese amounts
def cn_small(n, head):
    """1-99; after a higher digit ten is 一十."""
    tens, ones = divmod(n, 10)
    if not tens:
        return CN[ones]
    return ("" if tens == 1 and head else CN[tens]) + "十" + (CN[ones] if ones else "")


def liang(n, unit):
    """2 alone before a unit is 两."""
    return ("两" if n == 2 else cn_small(n, True)) + unit


def cn_hundreds(n):
    """100-9,900 in hundreds: 三千四百."""
    thousands, hundreds = divmod(n // 100, 10)
    return (liang(thousands, "千") if thousands else "") + (liang(hundreds, "百") if hundreds else "")


def cn_decimals():
    """四十一 and 点零一块 to 点九九块: every decimal, and every number once in front of one."""
    for fen in range(1, 100):
        tail = f"点{CN[fen // 10]}{CN[fen % 10] if fen % 10 else ''}块"
        number = cn_small(fen * 37 % 99 + 1, True)
        yield number + tail, [f"-[{number}]{tail}", tail]


def grouped(frame, amounts, size):
    """Carriers of several amounts each; one sentence for each amount would be half silence."""
    for start in range(0, len(amounts), size):
        some = amounts[start : start + size]
        yield frame + "，" + "，".join(text for text, _ in some) + "。", [p for _, phrases in some for p in phrases]


def zh_carriers():
    frame = "您要付款，总共"
    hundreds = [cn_hundreds(n * 100) for n in range(1, 100)]
    wans = [liang(n, "万") for n in range(1, 100)]

    def zero_high(n):
        return hundreds[(n * 37) % 99] if n < 10 else liang(n % 9 + 1, "千")

    def low(high, number):
        """A number behind something higher, with its unit and, for a decimal to follow, without."""
        return high + number + "块", [number + "块", f"-[{number}]块"]

    yield from grouped(frame, [(liang(n, "块"), [liang(n, "块")]) for n in range(1, 100)], 4)
    yield from grouped(frame, list(cn_decimals()), 4)
    yield from grouped(frame, [low(zero_high(n), "零" + cn_small(n, False)) for n in range(1, 100)], 4)
    yield from grouped(frame, [low(hundreds[(n * 7) % 99], cn_small(n, False)) for n in range(10, 20)], 4)
    zeros = [(f"{wans[n]}零{liang(n, '百')}块", [f"零{liang(n, '百')}块"]) for n in range(1, 10)]
    zeros += [(f"{wans[n]}零{liang(n, '百')}{CN[n]}十块", ["零" + liang(n, "百")]) for n in range(1, 10)]
    yield from grouped(frame, zeros, 3)
    round_wans = [wan for wan in wans if wan[0] in "一两三四五六七八九十" and len(wan) == 2 or wan[-2] == "十"]
    yield from grouped(frame, [(wan + "块", [wan + "块"]) for wan in round_wans], 4)
    rounds = [high + "块" for high in hundreds[:9] + hundreds[9::10]]
    yield from grouped(frame, [(amount, [amount]) for amount in rounds], 4)
    yield from grouped(frame, [("三千四百块", ["块"])], 1)
    thousands = []
    for place, high in enumerate(hundreds):
        rest = cn_small(21 + (place * 13) % 79, False) + "块"
        rest = rest if high.endswith("百") else "零" + rest
        thousands.append((wans[place] + high + rest, [wans[place], high]))
    yield from grouped(frame, thousands, 3)
    for n in range(0, 100, 2):
        a, b = CN[n // 10] + CN[n % 10], CN[(n + 1) // 10] + CN[(n + 1) % 10]
        yield f"钱包尾号{a}，{b}。", [a, b]


# ---------------------------------------------------------------- English amounts
def en_small(n):
    if n < 20:
        return ONES[n]
    return TENS[n // 10] + (" " + ONES[n % 10] if n % 10 else "")


def unit(n, one, many):
    return f"{en_small(n)} {one if n == 1 else many}"


def en_carriers():
    hundreds = [(f"{ONES[n % 9 + 1]} hundred {en_small(n)} yuan", f"hundred {en_small(n)} yuan") for n in range(1, 100)]
    for start in range(0, 99, 4):
        some = hundreds[start : start + 4]
        yield "You are paying " + ", ".join(text for text, _ in some) + ".", [phrase for _, phrase in some]
    cents = [unit(n, "cent", "cents") for n in range(1, 100)]
    for start in range(0, 99, 5):
        some = [f"{ONES[n % 9 + 1]} yuan and {text}" for n, text in enumerate(cents[start : start + 5], start)]
        yield "You are paying " + ", ".join(some) + ".", ["and " + text for text in cents[start : start + 5]]
    for n in range(1, 100):
        hundred, fen = ONES[n % 9 + 1] + " hundred", (n * 37) % 99 + 1
        thousand = en_small((n * 13) % 99 + 1) + " thousand"
        fens = unit(fen, "fen", "fen")
        yuan = en_small(n) + " yuan"
        yield (
            f"You are paying {thousand} {hundred} and {yuan} and {fens}.",
            [thousand, hundred, yuan, ONES[n % 9 + 1]],
        )
        yield f"You are paying {en_small(n)} thousand yuan.", [f"{en_small(n)} thousand yuan"]
    for n in range(1, 10):
        yield f"You are paying {en_small(20 + n)} thousand {ONES[n]} hundred yuan.", [f"{ONES[n]} hundred yuan"]
        yield (
            f"You are paying {ONES[n]} hundred and {en_small(n * 11)} thousand yuan.",
            [f"{en_small(n * 11)} thousand yuan"],
        )
        yield f"You are paying {ONES[n]} hundred thousand yuan.", [f"{ONES[n]} hundred thousand yuan"]
    for n in range(10):
        name = ("dollars", "euros", "pounds", "yen", "dinars", "yuan")[n % 6]
        digit, next_digit = ONES[n], ONES[(n + 3) % 10]
        yield f"You are paying {digit} point {next_digit} {name}.", [digit, "point", name]
    for n in range(0, 100, 2):
        a = f"{ONES[n // 10]} {ONES[n % 10]}"
        b = f"{ONES[(n + 1) // 10]} {ONES[(n + 1) % 10]}"
        yield f"The wallet ends in {a}, {b}.", [a, b]


# ---------------------------------------------------------------- words, names
def word_carriers():
    words = table("words.tsv")
    for place in range(0, len(words), 2):
        (zh_a, en_a), (zh_b, en_b) = words[place], words[place + 1]
        yield f"屏幕上的词是，{zh_a}，{zh_b}。", [zh_a, zh_b]
        yield f"The words are {en_a}, {en_b}.", [en_a, en_b]


def frame_carriers():
    for frame, sentence in table("carriers.tsv"):
        yield sentence, [frame]


def carriers():
    yield from frame_carriers()
    yield from en_carriers()
    yield from zh_carriers()
    yield from word_carriers()
