"""Chinese that was heard: brought to one form, and the amounts in it."""
import re
import unicodedata

DIGITS = {"零": 0, "〇": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
NUMBER = "[0-9零〇一二两三四五六七八九幺十百千万亿]"
# Words with a numeral in them that are no amount, as the recogniser also writes them.
NOT_COUNTED = r"[一1][共公供]|[一1][笔个次遍]"
# Behind the amount: the payee, or the wallet.
AFTER = r"[收首手受]款|尾号|名字"

_simplify = None


def form(text):
    """One spelling, numerals as figures, nothing but characters and figures."""
    text = re.sub(r"(\d+点\d)0元", r"\1元", _figures(_plain(text)))
    return re.sub(r"[^\u4e00-\u9fff0-9a-zA-Z]", "", text).lower()


def amounts(text):
    """The amounts with their unit anywhere in a text, in fen."""
    return [fen for fen, with_unit in _amounts(_plain(text)) if with_unit and fen is not None]


def stated(text):
    """What was heard where the amount is said, before the payee: every number there, in fen.

    The unit may be misheard, as in English. None is a number that is no amount of money.
    """
    return [fen for fen, _ in _amounts(re.split(AFTER, _plain(text))[0])]


def _plain(text):
    text = unicodedata.normalize("NFKC", _simplified(text))
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"[¥$](\d+(\.\d+)?)", r"\1元", text)
    text = re.sub(r"(?<=\d)\.(?=\d)", "点", text)
    return text.replace("块", "元").replace("毛", "角").replace("圆", "元")


def _simplified(text):
    global _simplify
    if _simplify is None:
        import opencc

        _simplify = opencc.OpenCC("t2s").convert
    return _simplify(text)


def _figures(text):
    """两万零五百, 2万500 and 2.05万 as figures; the digits after 点 stay digits."""
    text = re.sub(rf"({NUMBER}+)点({NUMBER}+?)(万|亿)", _scaled, text)
    return re.sub(NUMBER + "+", lambda match: number(match.group()), text)


def _scaled(match):
    whole, decimals, unit = match.groups()
    decimals = number(decimals)
    if len(decimals) > 4:
        return match.group()
    return str(int(number(whole)) * UNITS[unit] + int(decimals) * UNITS[unit] // 10 ** len(decimals))


def number(text):
    """A numeral as figures; a row of digits stays a row of digits."""
    if not re.search("[十百千万亿]", text):
        return "".join(str(DIGITS.get(char, char)) for char in text)
    total = section = 0
    digit, figures, unit, zero = None, "", 1, False
    for char in text:
        if char.isdigit() and char.isascii():
            figures += char
            continue
        if figures:
            digit, figures, zero = int(figures), "", zero or figures[0] == "0"
        if char in DIGITS:
            zero = zero or DIGITS[char] == 0
            digit = DIGITS[char]
        elif char in ("万", "亿"):
            section += digit or 0
            total = (total + section) * UNITS[char] if char == "亿" else total + (section or 1) * UNITS[char]
            digit, section, unit, zero = None, 0, UNITS[char], False
        else:
            section += (1 if digit is None else digit) * UNITS[char]
            digit, unit, zero = None, UNITS[char], False
    if figures:
        digit, zero = int(figures), zero or figures[0] == "0"
    if digit and digit < 10 and unit > 10 and not zero:
        digit *= unit // 10  # 一千二 is 1,200; 1,002 would be 一千零二
    return str(total + section + (digit or 0))


def _amounts(text):
    """(fen, has its unit) of every number; 12.50元, 12元5角, 12元5 and 五角 among them."""
    text = _figures(re.sub(NOT_COUNTED, "", re.sub(r"[^\u4e00-\u9fff0-9a-zA-Z]", "", text)))
    found = []
    pattern = r"(?:(\d+)(?:点(\d+))?(元)?)(?:(?<=元)0?(\d)(?![\d点元分]))?角?(?:0?(\d\d?)分)?"
    for match in re.finditer(r"(?<![\d点])(\d)角(?:(\d)分)?|(?<![\d点])(\d\d?)分|" + pattern, text):
        jiao, fen_after, only_fen, yuan, decimals, unit, tenths, fen = match.groups()
        if jiao or only_fen:
            found.append((int(jiao or 0) * 10 + int(fen_after or only_fen or 0), True))
        elif decimals and (len(decimals) > 2 or tenths or fen):
            found.append((None, bool(unit)))
        else:
            cents = int((decimals or "").ljust(2, "0")) + int(tenths or 0) * 10 + int(fen or 0)
            found.append((int(yuan) * 100 + cents, bool(unit)))
    return found
