"""python3 test_score.py: the scorer's own examples."""
import score

SAME_ZH = [
    ("一千两百五十点五元", "1250.5元"),
    ("一千两百五十点五元", "1,250.50元"),
    ("三十一点八三元", "三十一點八三元"),
    ("两万零五百元", "20,500元"),
    ("十二元", "12块"),
    ("一百零二点零五元", "102.05元"),
    ("钱包尾号一二三四", "錢包尾號1234"),
]
SAME_EN = [
    ("one thousand two hundred and fifty yuan and fifty fen", "1,250 yuan and 50 fen"),
    ("one hundred and five thousand yuan", "105,000 yuan"),
    ("twenty one yuan", "21 yuan"),
    ("four thousand three hundred and two yuan", "4,300 and 2 yuan"),
    ("five hundred yuan and fifty cents", "$500 yuan and $0.50"),
    ("five hundred yuan and fifty fen", "500 yuan and 50 fen"),
    ("a thousand and five yuan", "1005 yuan"),
    ("ending in one two, three four", "ending in 1234"),
]
AMOUNTS = [
    ("en", "You are paying 1,250 yuan and 50 fen. The money", 125050, True),
    ("en", "You are paying 1,250 yuan and 50 fen. The money", 125005, False),
    ("en", "You are paying 1,250 yuan. The money", 125000, True),
    ("en", "You are paying 1,250 yuan and 50 fen. The money", 125000, False),
    ("en", "You are paying 1,250 yuan. The money goes to the wallet ending in 12, 34.", 125000, True),
    ("zh", "付款金额1250元5角,收款人张伟", 125050, True),
    ("zh", "付款金额1250元5角,收款人张伟", 125000, False),
    ("zh", "付款金额1250.50元,收款人张伟", 125050, True),
    ("zh", "付款金额1250.05元,收款人张伟", 125050, False),
    ("zh", "付款金额,20万元", 20000000, True),
    ("zh", "付款金额,一百零二点零五元", 10205, True),
]

for said, heard in SAME_ZH:
    assert score.errors("zh", said, heard)[0] == 0, (score.zh_form(said), score.zh_form(heard))
for said, heard in SAME_EN:
    assert score.errors("en", said, heard)[0] == 0, (score.en_form(said), score.en_form(heard))
for language, text, fen, expected in AMOUNTS:
    assert score.contains_amount(language, text, fen) == expected, (text, score.en_amounts(text) if language == "en" else score.zh_amounts(text))
print(len(SAME_ZH) + len(SAME_EN) + len(AMOUNTS), "passed, 0 failed")
