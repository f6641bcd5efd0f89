"""Texts brought to one form and compared: error rates, and whether an amount was heard right.

What counts is what was said: 1,250 and one thousand two hundred and fifty are one form. Nothing is
forgiven but spelling: numerals, traditional characters, punctuation, the words for the unit of money
(yuan is no English word for the recogniser; the figures are what must be right).
"""
import heard_en
import heard_zh

HEARD = {"zh": heard_zh, "en": heard_en}


def states_amount(language, text, fen):
    """Whether a listener to the sentence has this amount and no other.

    Every number in front of the payee is taken for the amount: one reading must be right in full, the
    fen neither dropped nor added, and where it is read twice no reading may differ.
    """
    return set(HEARD[language].stated(text)) == {fen}


def contains_amount(language, text, fen):
    """Whether the amount, with its unit, is somewhere in a longer recording."""
    return fen in HEARD[language].amounts(text)


def errors(language, said, heard):
    """(errors, length): characters in Chinese, words in English."""
    form = HEARD[language].form
    return distance(form(said), form(heard)), len(form(said))


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1]
