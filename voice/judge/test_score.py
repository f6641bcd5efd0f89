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
    ("twelve yuan and fifty cents", "12.50 yuan"),
    ("a thousand and five yuan", "1005 yuan"),
    ("ending in one two, three four", "ending in 1234"),
]
# Every notation of one amount, in fen.
STATED = [
    ("zh", 125050, "您要付款,一共一千两百五十点五元,收款人张伟"),
    ("zh", 125050, "您要付款1共1250.5元,收款人张伟"),
    ("zh", 125050, "您要付款一共¥1,250.50,收款人张伟"),
    ("zh", 125050, "您要付款一共１２５０.５０元收款人张伟"),
    ("zh", 125050, "您要付款一共1250塊5毛,收款人張偉"),
    ("zh", 125050, "您要付款一共一千二百五十元五,收款人张伟"),
    ("zh", 125050, "您要付款一共1千2百50元5角"),
    ("zh", 120000, "您要付款一共一千二,收款人张伟"),
    ("zh", 120000, "您要付款人民币1200,收款人张伟"),
    ("zh", 100200, "您要付款一共一千零二元"),
    ("zh", 1200000, "您要付款一共1万2千元"),
    ("zh", 1250000, "您要付款一共1.25万元"),
    ("zh", 2050000, "您要付款一共2万零500元,收款人零至零"),
    ("zh", 20000000, "付款金额,20万元"),
    ("zh", 10205, "付款金额,一百零二点零五元"),
    ("zh", 872, "您要付款一共八点七二远,收款人讲心"),
    ("zh", 50000, "您要付款以共五百人收款人与情"),
    ("zh", 75, "您要付款一共7角5分,收款人张伟"),
    ("zh", 7, "您要付款一共零点零七元"),
    ("zh", 2000000, "您申请了一个钱包,额度一共2万元。"),
    ("zh", 1234, "您要付款一共12.34元,再说一遍,十二点三四元,收款人张伟"),
    ("en", 125050, "You are paying a total of 1,250 yuan and 50 cents. The money goes to Zhang."),
    ("en", 125050, "You are paying a total of $1,250.50. The money goes to Zhang."),
    ("en", 125050, "You're paying a total of ¥1250.5 yuan. The money goes to Zhang."),
    ("en", 125050, "You are paying RMB 1250 yuan and $0.50. The money goes to Zhang."),
    ("en", 125050, "You are paying one thousand two hundred and fifty yuan fifty. The money goes"),
    ("en", 125050, "You are paying twelve hundred fifty you on and 50 cents. The money goes"),
    ("en", 125050, "You are paying 1250 point 5 yuan. The money goes"),
    ("en", 102000, "You are paying a total of one thousand twenty yuan. The money"),
    ("en", 102000, "You are paying a total of 1,020. The money goes to the wallet ending in 10, 20."),
    ("en", 430200, "You are paying 4,300 and 2 yuan. The money"),
    ("en", 50004, "You are paying 500 and 4 cents. The money"),
    ("en", 5, "You are paying a total of five cents. The money"),
    ("en", 2000000, "You applied for a wallet with a limit of 20,000 yuan."),
    ("en", 1234, "You are paying 12 yuan and 34 cents. Again, 12.34 yuan. The money goes"),
]
# Not what was said, in fen.
NOT_STATED = [
    ("zh", 374100, "您要付款一共3740亿元,收款人唐宴"),
    ("zh", 600000, "您要付款106千元,收款人等超"),
    ("zh", 690, "您要付款106.9元,收款人负名"),
    ("zh", 1101, "您要付款以共11.0亿元,收款人现在"),
    ("zh", 125000, "付款金额1250元5角,收款人张伟"),
    ("zh", 125050, "付款金额1250.05元,收款人张伟"),
    ("zh", 125050, "付款金额1250.505元,收款人张伟"),
    ("zh", 100200, "您要付款一共一千二元"),
    ("zh", 5172117, "您要付款一共五万一千七百二十一元一七元"),
    ("zh", 1234, "您要付款一共12.34元,再说一遍,十二点三元,收款人张伟"),
    ("zh", 800, "您要付款一共七元,收款人尾号8元"),
    ("en", 125005, "You are paying 1,250 yuan and 50 fen. The money"),
    ("en", 125000, "You are paying 1,250 yuan and 50 fen. The money"),
    ("en", 750, "You are paying a total of $0.7 yuan and $0.50. The money goes"),
    ("en", 350400, "You are paying a total of 3500 for you on. The money goes"),
    ("en", 400, "You are paying for you on. The money goes to Lu Yan, the wallet ending in 4. 00."),
    ("en", 1234, "You are paying 12 yuan and 34 cents. Again, 12 yuan and 30 cents. The money goes"),
]
CONTAINED = [
    ("zh", 125050, "现在付款请按数字一。您要付款一共1250.5元,收款人张伟,尾号三四。", True),
    ("zh", 100, "现在付款请按数字一。您要付款一共1250.5元", False),
    ("en", 125050, "Press one. You are paying 1,250 yuan and 50 cents. Press two.", True),
    ("en", 200, "Press one. You are paying 1,250 yuan and 50 cents. Press two.", False),
]

for said, heard in SAME_ZH:
    assert score.errors("zh", said, heard)[0] == 0, (said, heard)
for said, heard in SAME_EN:
    assert score.errors("en", said, heard)[0] == 0, (said, heard)
for cases, expected in ((STATED, True), (NOT_STATED, False)):
    for language, fen, text in cases:
        assert score.states_amount(language, text, fen) == expected, (text, score.HEARD[language].stated(text))
for language, fen, text, expected in CONTAINED:
    assert score.contains_amount(language, text, fen) == expected, (text, score.HEARD[language].amounts(text))
print(len(SAME_ZH) + len(SAME_EN) + len(STATED) + len(NOT_STATED) + len(CONTAINED), "passed, 0 failed")
