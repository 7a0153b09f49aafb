"""What is handed in where proctor's grades differ from stock's on purpose; the text after `# --- cell` goes into that cell."""

# === warns: a right answer with a warning on stderr
# --- square
import warnings


def square(x):
    warnings.warn("this is slow")
    return x * x


# === logs: a right answer that writes its steps to stderr
# --- square
import sys


def square(x):
    print("square of", x, file=sys.stderr)
    return x * x


# === hangs: never ends on negative numbers, and swallows the interruption
# --- square
import time


def square(x):
    while x < 0:
        try:
            time.sleep(1)
        except:
            pass
    return x * x


# === dies: the process ends on negative numbers
# --- square
import os


def square(x):
    if x < 0:
        os._exit(3)
    return x * x


# === leaves: leaves by exit() where a number is negative
# --- square
def square(x):
    if x < 0:
        exit()
    return x * x


# === ends-early: a cell that ends the kernel
# --- square
def square(x):
    return x * x


# --- after square
exit()


# === shadows: uses the names of builtins and modules for numbers of her own
# --- square
def square(x):
    return x * x


# --- after square
sum = square(1) + square(2)
math = 1


# === rebinds: uses names of the instructor's, and one of a library, for things of his own
# --- helper
def close(a, b):
    return a == b


# --- square
def square(x):
    return x * x


# --- after square
FACTOR = 3


# --- scaled
def scaled(x):
    return FACTOR * x


# --- describe
def describe(self):
    return "a " + self.name()


Shape.describe = describe
# --- mean
st = "half"
half = 0.5


# === copied: has copied a graded cell to try it out
# --- square
def square(x):
    return x * x


# --- copy square-positive


# === moved: has moved the answer to the end
# --- square
def square(x):
    return x * x


# --- to the end square


# === deleted: has deleted graded cells
# --- square
def square(x):
    return x * x


# --- delete square-negative
# --- delete last


# === compares: right answers that only count where they run
# --- square
def square(x):
    return x * x


# --- price
class Price:
    def __init__(self, amount):
        self.amount = amount

    def __eq__(self, other):
        return self.amount == getattr(other, "amount", other)

    def __hash__(self):
        return hash(self.amount)

    def __sub__(self, other):
        return self.amount - getattr(other, "amount", other)

    def __float__(self):
        return float(self.amount)

    def __mul__(self, other):
        return Price(self.amount * other)


# --- hour
class Hour(int):
    def __add__(self, other):
        return Hour((int(self) + int(other)) % 24)

    def late(self):
        return self > 21


# --- money
class Money:
    def __init__(self, amount):
        self.amount = amount

    def __sub__(self, other):
        return Money(self.amount - getattr(other, "amount", other))

    def abs(self):
        return abs(self.amount)

    def __format__(self, spec):
        return format(self.amount, spec)


# --- day
import datetime


class Span:
    def __init__(self, days):
        self.days = days


class Day:
    def __init__(self, *date):
        self.date = datetime.date(*date)

    def __sub__(self, other):
        return Span((self.date - getattr(other, "date", other)).days)


# --- bag
class Bag:
    def __init__(self, things):
        self.things = list(things)

    def __iter__(self):
        return iter(self.things)

    def issubset(self, other):
        return all(thing in list(other) for thing in self.things)


# --- tally
def tally(path="tally.txt"):
    with open(path) as file:
        count = int(file.read())
    with open(path, "w") as file:
        file.write(str(count + 1))


# --- tries
def tries(work):
    try:
        work()
    except Exception:
        return False
    return True


# --- grow
def grow(board):
    board.SIZE += 1
    board.player = "somebody"
    return board


# --- ask
def ask():
    return int(input("Number? "))


# --- roll
import random


def roll():
    return random.randint(1, 6)


# --- quiet
import warnings


class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is ZeroDivisionError


def old():
    warnings.warn("old", DeprecationWarning)


# --- keep
import pickle


def keep(path, things):
    with open(path, "wb") as file:
        pickle.dump(things, file)
