"""What further students of nbgrader's user-guide course hand in; the text after `# --- notebook/cell` goes into that cell."""

# === nothing: hands in what was released

# === right: the shipped solution, every manual cell answered
# --- problem1/squares
def squares(n):
    if n < 1:
        raise ValueError("n must be greater than or equal to 1")
    return [i ** 2 for i in range(1, n + 1)]
# --- problem1/sum_of_squares
def sum_of_squares(n):
    return sum(squares(n))
# --- problem1/sum_of_squares_equation
# $\sum_{i=1}^n i^2$
# --- problem1/sum_of_squares_application
def pyramidal_number(n):
    """Returns the n^th pyramidal number"""
    return sum_of_squares(n)
# --- problem2/part-a
# It computes the Fibonacci numbers.
# --- problem2/part-b
# Below zero it never ends.

# === own-helpers: the squares come from a class in an extra cell, with a plot, and the sum from a loop over them
# --- before problem1/squares
class Squarer:
    """Squares numbers one after the other."""

    def __init__(self):
        self.made = []

    def make(self, number):
        self.made.append(number ** 2)


def below_one(n):
    return n < 1
# --- problem1/squares
def squares(n):
    if below_one(n):
        raise ValueError(n)
    squarer = Squarer()
    for number in range(1, n + 1):
        squarer.make(number)
    return squarer.made
# --- after problem1/squares
%matplotlib inline
import matplotlib.pyplot as plt
plt.plot(squares(10))
plt.show()
# --- problem1/sum_of_squares
def sum_of_squares(n):
    total = 0
    for square in squares(n):
        total += square
    return total
# --- problem1/sum_of_squares_application
print([sum_of_squares(n) for n in range(1, 5)])
# --- note after problem1/sum_of_squares_application
# This counts the cannonballs of a pyramid.

# === not-reused: right numbers, but the sum does not use squares
# --- problem1/squares
def squares(n):
    if n < 1:
        raise ValueError
    return [i * i for i in range(1, n + 1)]
# --- problem1/sum_of_squares
def sum_of_squares(n):
    return n * (n + 1) * (2 * n + 1) // 6
# --- problem2/part-a
# No idea.

# === wrong-error: raises the wrong error, prints instead of returning
# --- problem1/squares
def squares(n):
    if n < 1:
        raise TypeError("too small")
    print([i ** 2 for i in range(1, n + 1)])
# --- problem1/sum_of_squares
def sum_of_squares(n):
    print(sum(squares(n)))

# === own-alias: the sum goes through another name, and squares gives a tuple
# --- problem1/squares
def squares(n):
    if n < 1:
        raise ValueError
    return tuple(i ** 2 for i in range(1, n + 1))

mine = squares
# --- problem1/sum_of_squares
def sum_of_squares(n):
    return sum(mine(n))

# === one-problem: the other notebook is missing
# --- without problem2
# --- problem1/squares
def squares(n):
    if n <= 0:
        raise ValueError("n")
    return list(map(lambda i: i ** 2, range(1, n + 1)))

# === header: fills in the header, changes the given cells, leaves a cell with an error
# --- problem1/#2
NAME = "Ada Lovelace"
COLLABORATORS = "Charles"
# --- problem1/squares
def squares(n):
    if n < 1: raise ValueError
    return [i ** 2.0 for i in range(1, n + 1)]
# --- after problem1/squares
squares("ten")
# --- problem1/correct_squares
assert True
# --- problem1/sum_of_squares
def sum_of_squares(n):
    return sum(squares(n))
# --- problem1/sum_of_squares_equation
# YOUR ANSWER HERE
# --- problem2/part-b
# YOUR ANSWER HERE, and something more

# === own-module: the work is done in a module handed in beside the notebook
# --- file my_sums.py
"""Sums of squares."""


def total(squares, n):
    return sum(squares(n))
# --- problem1/squares
import my_sums


def squares(n):
    if n < 1:
        raise ValueError("n")
    return [i ** 2 for i in range(1, n + 1)]
# --- problem1/sum_of_squares
def sum_of_squares(n):
    return my_sums.total(squares, n)
