"""The words that count as yes and as no, and how much of a model's mind they must hold.

Takes: nothing.
Gives: both lists, for every engine that reads; the least mass of an answer.
Knows nothing about: tokens, models, servers."""

YES = ("Yes", "yes", "YES", " Yes", " yes", " YES", "是", " 是")
NO = ("No", "no", "NO", " No", " no", " NO", "否", " 否")
#: below it the model wanted to say something else: a broken template, or a question it does not take for one
LEAST_MASS = 0.05
