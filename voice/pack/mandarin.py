"""Chinese text to Kokoro phonemes: words by jieba, readings by pypinyin, sounds by a table."""
import logging
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))

# Readings that the dictionaries get wrong in our lines.
PHRASES = {
    "重听": [["chóng"], ["tīng"]],
    "还剩": [["hái"], ["shèng"]],
    "还有": [["hái"], ["yǒu"]],
    "尾号": [["wěi"], ["hào"]],
    "银行": [["yín"], ["háng"]],
    "角": [["jiǎo"]],
}
WORDS = ["冻结", "账户", "转账", "付款", "收款人", "回铃", "按键", "应用", "录音"]
# A number stands in groups before its unit, 三千 七百 四十一 块, and digit by digit behind 点: run together, a
# last 一 and doubled digits are swallowed.
AMOUNT = "([零一二三四五六七八九十两百千万亿点]+块)"
MARKS = {"，": ", ", "。": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; ", "、": ", ", "·": ", "}

_tools = None


def phonemes(text):
    """One space between words; no tone sandhi, the model was trained on citation tones."""
    table = _load()[3]
    out = ""
    for run in re.findall("[\u4e00-\u9fff]+|[^\u4e00-\u9fff]", text):
        if not re.match("[\u4e00-\u9fff]", run):
            out += MARKS.get(run, run if run in " ,.!?;:" else "")
            continue
        out += " ".join("".join(table[s] for s in readings(word) if s in table) for word in words(run))
    return out.strip()


def words(text):
    """A text cut into words; a number before 块 into its groups."""
    dictionary = _load()[0]
    out = []
    for place, piece in enumerate(re.split(AMOUNT, text)):
        out += groups(piece) if place % 2 else dictionary.lcut(piece)
    return out


def groups(amount):
    whole, point, decimals = amount.removesuffix("块").partition("点")
    found = re.findall("[^百千万亿]*[百千万亿]|[^百千万亿]+", whole)
    return [*found[:-1], found[-1] + point, *decimals, "块"]


def readings(word):
    """The syllables of a word; numerals are read one by one, as in no phrase."""
    _, lazy_pinyin, style, _ = _load()
    alone = re.fullmatch(AMOUNT[1:-1].replace("块", "块?"), word)
    return [s for part in (word if alone else [word]) for s in lazy_pinyin(part, style=style, neutral_tone_with_five=True)]


def _load():
    global _tools
    if _tools is None:
        import jieba
        from pypinyin import Style, lazy_pinyin, load_phrases_dict

        jieba.setLogLevel(logging.ERROR)
        load_phrases_dict(PHRASES)
        for word in [*PHRASES, *WORDS]:
            jieba.add_word(word)
        with open(os.path.join(HERE, "zh_syllables.tsv"), encoding="utf-8") as file:
            table = dict(line.rstrip("\n").split("\t") for line in file if "\t" in line)
        _tools = jieba, lazy_pinyin, Style.TONE3, table
    return _tools
