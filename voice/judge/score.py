"""Texts brought to one form and compared: error rates, and whether an amount was heard right.

What counts is what was said: 1,250 and one thousand two hundred and fifty are one form. Nothing is
forgiven but spelling: numerals, traditional characters, punctuation, the words for the unit of money
(yuan is no English word for the recogniser; the figures are what must be right).
"""
import re

DIGITS = {"零": 0, "〇": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1000}
ZH_NUMBER = "[0-9零〇一二两三四五六七八九幺十百千万亿]"
SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
WORDS = {word: number for number, word in enumerate(SMALL)}
WORDS |= {word: 20 + 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
SCALES = {"thousand": 1000, "million": 10**6, "billion": 10**9}
MONEY = {"yuan", "dollars", "dollar", "yen", "won", "yuen", "fen", "cents", "cent", "rmb"}

_simplify = None


def simplified(text):
    global _simplify
    if _simplify is None:
        import opencc

        _simplify = opencc.OpenCC("t2s").convert
    return _simplify(text)


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1]


# ---------------------------------------------------------------- Chinese
def zh_number(text):
    """两万零五百 or 2万500 as digits; a row of digits stays a row of digits."""
    if not re.search("[十百千万亿]", text):
        return "".join(str(DIGITS.get(c, c)) for c in text)
    total = section = 0
    number, figures = None, ""
    for c in text:
        if c.isdigit():
            figures += c
            continue
        if figures:
            number, figures = int(figures), ""
        if c in DIGITS:
            number = DIGITS[c]
        elif c in UNITS:
            section += (1 if number is None else number) * UNITS[c]
            number = None
        else:
            section += number or 0
            total = (total + section) * 10**8 if c == "亿" else total + (section or 1) * 10**4
            number, section = None, 0
    if figures:
        number = int(figures)
    return str(total + section + (number or 0))


def zh_form(text):
    text = simplified(text)
    text = re.sub(r"(?<=\d)[,，](?=\d{3}(?!\d))", "", text)
    text = re.sub(r"[¥￥](\d+(\.\d+)?)", r"\1元", text)
    text = re.sub(r"(?<=\d)\.(?=\d)", "点", text)
    text = re.sub(ZH_NUMBER + "+", lambda m: zh_number(m.group()), text)
    text = text.replace("块", "元").replace("毛", "角").replace("圆", "元")
    text = re.sub(r"(\d+点\d)0元", r"\1元", text)
    return re.sub(r"[^\u4e00-\u9fff0-9a-zA-Z]", "", text).lower()


def zh_amounts(text):
    """Every amount in a text, in fen."""
    found = []
    pattern = r"(\d+)(?:点(\d)(\d)?元|元(?:(\d)角)?(?:0?(\d)分)?)"
    for match in re.finditer(pattern, zh_form(text)):
        yuan, tenths, hundredths, jiao, fen = (int(figure or 0) for figure in match.groups())
        found.append(yuan * 100 + (tenths + jiao) * 10 + hundredths + fen)
    return found


# ---------------------------------------------------------------- English
def en_tokens(text):
    """Words and numbers; a number is one token however it was written."""
    text = text.lower().replace("’", "'").replace("you're", "you are")
    text = re.sub(r"(?<=\d),\s?(?=\d{3}(?!\d))", "", text)
    # Forty cents is also written $0.40.
    text = re.sub(r"\$0\.(\d\d)\b", lambda m: f"{int(m.group(1))} cents", text)
    text = re.sub(r"[¥$￥]", " ", text)
    text = re.sub(r"(\d+)\.(\d\d)\b", r"\1 and \2", text)
    raw = re.findall(r"[a-z']+|\d+", text.replace("-", " "))
    tokens, place = [], 0
    while place < len(raw):
        number, used = _number(raw[place:])
        if used:
            tokens.append(str(number))
            place += used
        else:
            tokens.append(raw[place])
            place += 1
    return tokens


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
        elif word == "and" and _may_go_on(last, group, raw[place + 1 : place + 2]):
            last = "and"
            continue
        else:
            break
        used = place + 1
    return (total + (group or 0), used) if used else (0, 0)


def _may_go_on(last, group, following):
    """Whether "and" is inside a number: four hundred and two, or, as it is also written, 400 and 2."""
    whole = last in ("hundred", "scale") or (last == "figures" and group and group % 100 == 0)
    return whole and bool(following) and (following[0] in WORDS or (following[0].isdigit() and int(following[0]) < 100))


def en_form(text):
    words = [w for w in en_tokens(text) if w not in MONEY and w != "and"]
    # 12 34, 1234 and one two, three four are the same digits.
    return re.sub(r"(?<=\d) (?=\d)", "", " ".join(words)).split()


def en_amounts(text):
    """The amounts in a text, in fen: a number, with the one after it where that can be its fen."""
    tokens = en_tokens(text)
    found = []
    for place, token in enumerate(tokens):
        if not token.isdigit():
            continue
        fen = 0
        # yuan, perhaps misheard as a word or two, "and", fen
        for next_place in range(place + 1, min(place + 5, len(tokens))):
            if tokens[next_place].isdigit():
                between = tokens[place + 1 : next_place]
                named = tokens[next_place + 1 : next_place + 2] in (["cent"], ["cents"], ["fen"])
                joined = not between or "and" in between or "point" in between
                if len(tokens[next_place]) <= 2 and (joined or named):
                    fen = int(tokens[next_place])
                break
        found.append(int(token) * 100 + fen)
    return found


# ---------------------------------------------------------------- both
def contains_amount(language, text, fen):
    """Whether the amount was heard, in full: the fen are not dropped nor added."""
    return fen in (zh_amounts(text) if language == "zh" else en_amounts(text))


def errors(language, said, heard):
    """(errors, length): characters in Chinese, words in English."""
    form = zh_form if language == "zh" else en_form
    return distance(form(said), form(heard)), len(form(said))
