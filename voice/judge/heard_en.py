"""English that was heard: brought to one form, and the amounts in it."""
import re

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
WORDS = {word: number for number, word in enumerate(SMALL)}
WORDS |= {word: 20 + 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
SCALES = {"thousand": 1000, "million": 10**6, "billion": 10**9}
YUAN = {"yuan", "dollars", "dollar", "yen", "won", "yuen", "rmb", "renminbi", "cny"}
CENTS = {"fen", "cents", "cent"}
# Behind the amount: the payee, or the wallet.
AFTER = r"\bmoney\b|\bgoes to\b|\bending\b|\bthe name\b"


def form(text):
    """The words, a number as one figure however it was written, without the words for money."""
    words = [word for token in tokens(text) for word in token.replace(".", " ").split()]
    words = [word for word in words if word not in YUAN | CENTS and word != "and"]
    # 12 34, 1234 and one two, three four are the same digits.
    return re.sub(r"(?<=\d) (?=\d)", "", " ".join(words)).split()


def amounts(text):
    """The amounts with their unit anywhere in a text, in fen."""
    return [fen for fen, with_unit in _amounts(text) if with_unit and fen is not None]


def stated(text):
    """What was heard where the amount is said, before the payee: every number there, in fen.

    The word yuan may be misheard, for it is no English word. None is a number that is no amount of money.
    """
    return [fen for fen, _ in _amounts(re.split(AFTER, text.lower())[0])]


def tokens(text):
    """Words and numbers; a number is one token however it was written, 12.50 too."""
    text = text.lower().replace("’", "'").replace("you're", "you are")
    text = re.sub(r"(?<=\d),\s?(?=\d{3}(?!\d))", "", text)
    # Forty cents is also written $0.40.
    text = re.sub(r"[$¥￥]0\.(\d\d)\b", lambda match: f"{int(match.group(1))} cents", text)
    text = re.sub(r"[$¥￥](\d+(?:\.\d\d?)?)", r"\1 yuan", text).replace("yuan yuan", "yuan")
    raw = re.findall(r"[a-z']+|\d+(?:\.\d+)?", text.replace("-", " "))
    out, place = [], 0
    while place < len(raw):
        number, used = _number(raw[place:])
        out.append(str(number) if used else raw[place])
        place += used or 1
    return out


def _number(raw):
    """(number, how many tokens it took) at the beginning of a list of words."""
    total, group, used, last = 0, None, 0, None
    for place, word in enumerate(raw):
        if word.isdigit() and word[0] == "0" and len(word) > 1:
            break
        if word.isdigit():
            if group is not None and not (last == "scale" or (last == "and" and group % 100 == 0)):
                break
            if last == "and" and int(word) > 99:
                break
            group, last = (group or 0) + int(word), "figures"
        elif word in WORDS:
            n = WORDS[word]
            fits = group is None or last in ("scale", "hundred", "and") or (last == "tens" and n < 10)
            if not fits or (last == "and" and group % 100):
                break
            group, last = (group or 0) + n, "tens" if n >= 20 else "small"
        elif word == "hundred" and group is not None and last in ("small", "tens", "figures"):
            group, last = group * 100, "hundred"
        elif word in SCALES and (group is not None):
            total, group, last = total + group * SCALES[word], 0, "scale"
        elif word == "a" and group is None and raw[place + 1 : place + 2] and raw[place + 1] in ("hundred", *SCALES):
            group, last = 1, "small"
        elif word == "and" and _may_go_on(last, group, raw[place + 1 :]):
            last = "and"
            continue
        else:
            break
        used = place + 1
    return (total + (group or 0), used) if used else (0, 0)


def _may_go_on(last, group, following):
    """Whether "and" is inside a number: four hundred and two, or, as it is also written, 400 and 2."""
    whole = last in ("hundred", "scale") or (last == "figures" and group and group % 100 == 0)
    if not whole or not following:
        return False
    small, used = _number([following[0]]) if following[0] in WORDS else (0, 1)
    if following[0].isdigit():
        small = int(following[0])
    elif following[0] not in WORDS:
        return False
    words = 2 if small >= 20 and following[1:2] and following[1] in SMALL[1:10] else 1
    return small < 100 and following[words : words + 1] not in (["cent"], ["cents"], ["fen"])


def _amounts(text):
    """(fen, has its unit) of every number, with the one after it where that is its cents."""
    words = tokens(text)
    found, place = [], 0
    while place < len(words):
        if not words[place][0].isdigit():
            place += 1
            continue
        after = words[place + 1 : place + 2]
        if "." in words[place]:
            whole, decimals = words[place].split(".")
            fen = int(whole) * 100 + int(decimals.ljust(2, "0")) if len(decimals) <= 2 else None
            found.append((fen, bool(after) and after[0] in YUAN))
            place += 1
        elif after and after[0] in CENTS:
            found.append((int(words[place]), True))
            place += 2
        else:
            fen, used = _cents(words[place + 1 :])
            with_unit = bool(fen) or (bool(after) and after[0] in YUAN)
            found.append((int(words[place]) * 100 + fen, with_unit))
            place += 1 + used
    return found


def _cents(words):
    """(cents, tokens used) behind whole yuan: "yuan and 50 cents", "yuan 50", "point five"; yuan is
    perhaps misheard as a word or two."""
    if words[:1] == ["point"]:
        digits = [word for word in words[1:3] if word.isdigit() and len(word) == 1]
        digits = digits or [word for word in words[1:2] if word.isdigit() and len(word) == 2]
        return int("".join(digits).ljust(2, "0") or 0), 1 + len(digits)
    for place, word in enumerate(words[:4]):
        if word[0].isdigit():
            named = words[place + 1 : place + 2] and words[place + 1] in CENTS
            follows = place > 0 and (words[place - 1] == "and" or (len(word) == 2 and words[place - 1] in YUAN))
            if word.isdigit() and len(word) <= 2 and (named or follows):
                return int(word), place + 1 + bool(named)
            break
    return 0, 0
