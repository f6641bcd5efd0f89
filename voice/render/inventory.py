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
    """点零一元 to 点九九元, and the number before it; a last zero is not said."""
    for fen in range(1, 100):
        tail = CN[fen // 10] + (CN[fen % 10] if fen % 10 else "")
        yield cn_small(fen % 9 + 1 if fen < 50 else fen % 40 + 21, True), f"点{tail}元"


def cn_fens():
    """What stands behind the whole yuan in the oldest carriers; nothing is cut from it."""
    for fen in range(1, 100):
        jiao, rest = divmod(fen, 10)
        if jiao:
            yield liang(jiao, "角") + (liang(rest, "分") if rest else "")
        else:
            yield "零" + liang(rest, "分")
    for rest in range(1, 10):
        yield liang(rest, "分")


def grouped(frame, amounts, size):
    """Carriers of several amounts each; one sentence for each amount would be half silence."""
    for start in range(0, len(amounts), size):
        some = amounts[start : start + size]
        yield frame + "，" + "，".join(text for text, _ in some) + "。", [p for _, phrases in some for p in phrases]


def zh_carriers():
    hundreds = [cn_hundreds(n * 100) for n in range(1, 100)]
    fens = list(cn_fens())
    wans = [liang(n, "万") for n in range(1, 100)]
    used = 0

    def zero_high(n):
        return hundreds[(n * 37) % 99] if n < 10 else liang(n % 9 + 1, "千")

    def after(high, low):
        nonlocal used
        fen = fens[used % len(fens)]
        used += 1
        bare = [] if low == "两元" else ["-" + low[:-1]]
        return f"付款金额，{high}{low}，{fen}。", [p for p in (high, low) if p] + bare

    for n in range(1, 100):
        yield after("", liang(n, "元"))
    for n in range(10, 20):
        yield after(hundreds[(n * 7) % 99], cn_small(n, False) + "元")
    for n in range(1, 58):
        yield after(zero_high(n), "零" + cn_small(n, False) + "元")
    decimals = [(number + tail, [tail] + (["-" + number] if number == "二" else [])) for number, tail in cn_decimals()]
    yield from grouped("付款金额", decimals, 4)
    lists = [(zero_high(n), "零" + cn_small(n, False)) for n in range(58, 100)]
    yield from grouped("付款金额", [(high + low + "元", [high, low + "元", "-" + low]) for high, low in lists], 4)
    zeros = [(f"{wans[n]}零{liang(n, '百')}元", [f"零{liang(n, '百')}元"]) for n in range(1, 10)]
    zeros += [(f"{wans[n]}零{liang(n, '百')}{CN[n]}十元", ["零" + liang(n, "百")]) for n in range(1, 10)]
    yield from grouped("付款金额", zeros, 3)
    round_wans = [wan for wan in wans if wan[0] in "一两三四五六七八九十" and len(wan) == 2 or wan[-2] == "十"]
    yield from grouped("付款金额", [(wan + "元", [wan + "元"]) for wan in round_wans], 4)
    round_hundreds = [(high + "元", [high + "元"]) for high in hundreds]
    yield from grouped("付款金额", round_hundreds[9::10], 3)
    yield from grouped("付款金额", round_hundreds, 4)
    thousands = []
    for place, high in enumerate(hundreds):
        low = cn_small(21 + (place * 13) % 79, False) + "元"
        low = low if high.endswith("百") else "零" + low
        thousands.append((wans[place] + high + low, [wans[place], high]))
    yield from grouped("付款金额", thousands, 3)
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
