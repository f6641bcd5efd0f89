#!/usr/bin/env python3
"""Writes prompts.tsv (30 lines a language) and amounts.tsv (100 a language); always the same ones.

With a number, `lists.py SEED`, it draws a hundred other amounts into amounts-SEED.tsv: what was bettered
by listening to one list is confirmed by another (judge.py --lists amounts-SEED).
"""
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = (
    "张伟 王芳 李娜 刘洋 陈静 杨勇 赵敏 黄磊 周杰 吴秀英 徐强 孙丽 马超 朱婷 胡军 郭涛 何平 高翔 林志玲 罗永浩 "
    "梁静 宋佳 郑爽 谢娜 韩雪 唐嫣 冯巩 于洋 董洁 萧峰 程前 曹颖 袁泉 邓超 许晴 傅明 沈腾 曾黎 彭博 吕燕 "
    "苏醒 卢奇 蒋欣 蔡琴 贾玲 丁磊 魏晨 薛佳 叶青 阎学通"
).split()
FIXED = (
    "payment-greeting application-greeting payment-choices payment-choices-app-only payment-paid "
    "payment-stopped payment-later payment-sign-in payment-not-waiting payment-expired payment-failed "
    "payment-no-answer application-choices application-confirmed application-stopped application-later "
    "application-not-waiting no-input keys-after-question trouble inbound goodbye"
).split()


def main(seed=None):
    if seed:
        draw_amounts(random.Random(int(seed)), f"amounts-{int(seed)}")
        return
    chance = random.Random(20)
    with open(os.path.join(HERE, "prompts.tsv"), "w", encoding="utf-8") as file:
        for language in ("zh", "en"):
            rows = [("fixed", name) for name in FIXED]
            rows += [("press", str(digit)) for digit in (3, 6, 8)]
            rows += [("words", str(chance.randrange(64)), str(chance.randrange(64))) for _ in range(2)]
            rows += [("limit", "5000"), ("limit", "20000")]
            rows += [("pay", "880", NAMES[7], "4471")]
            for place, row in enumerate(rows, 1):
                file.write("\t".join([f"{language}-line-{place:02}", language, *row]) + "\n")
    draw_amounts(chance, "amounts")


def draw_amounts(chance, name_of_list):
    with open(os.path.join(HERE, name_of_list + ".tsv"), "w", encoding="utf-8") as file:
        for language in ("zh", "en"):
            for place in range(1, 101):
                name, last4 = NAMES[chance.randrange(len(NAMES))], f"{chance.randrange(10000):04}"
                key = f"{language}-{name_of_list.replace('amounts', 'amount')}-{place:03}"
                row = [key, language, "pay", amount(chance, place), name, last4]
                file.write("\t".join(row) + "\n")


def amount(chance, place):
    """From 1 yuan to 99,999.99; a fifth round, a third whole yuan, the others with jiao and fen."""
    yuan = int(10 ** chance.uniform(0.4, 5))
    if place % 5 == 0:
        digits = len(str(yuan))
        return str(max(1, yuan // 10 ** (digits - 1)) * 10 ** (digits - 1))
    if place % 3 == 0:
        return str(yuan)
    fen = chance.choice([chance.randrange(1, 10) * 10, chance.randrange(1, 100)])
    return f"{yuan}.{fen:02}"


main(*sys.argv[1:])
