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
MARKS = {"，": ", ", "。": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; ", "、": ", ", "·": ", "}

_tools = None


def phonemes(text):
    """One space between words; no tone sandhi, the model was trained on citation tones."""
    words, lazy_pinyin, style, table = _load()
    out = ""
    for run in re.findall("[\u4e00-\u9fff]+|[^\u4e00-\u9fff]", text):
        if not re.match("[\u4e00-\u9fff]", run):
            out += MARKS.get(run, run if run in " ,.!?;:" else "")
            continue
        out += " ".join(
            "".join(table[s] for s in lazy_pinyin(word, style=style, neutral_tone_with_five=True) if s in table)
            for word in words.lcut(run)
        )
    return out.strip()


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
