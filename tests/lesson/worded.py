"""Owns reading a diagnosis's sentence back: which parts of its message it is made of, and what it fills in, whatever the words."""

import re
import string

from convlab import messages

NO_WORDS = ("means", "why", "hints")


def parts(found, name=None):
    """The parts of the message of this name that stand in the sentence, each with what is filled in: {part: {placeholder: text}}.

    Of several parts with which the sentence may begin, it is the one with the most words of its own.
    """
    table = messages.table("diagnoses")[name or found.name]
    matches = {
        part: re.search(pattern(words), found.sentence, re.DOTALL)
        for part, words in table.items()
        if part not in NO_WORDS and words and isinstance(words, str)
    }
    first = [part for part, match in matches.items() if match and match.start() == 0]
    best = max(first, key=lambda part: len(re.sub(r"\{\w+\}", "", table[part])), default=None)
    return {
        part: match.groupdict()
        for part, match in matches.items()
        if match and (part not in first or part == best)
    }


def pattern(words):
    """The regular expression of a message: a group for each placeholder, but for one at its end, which may be empty."""
    words, seen, expression = re.sub(r"\s*\{\w+\}\s*$", "", words), set(), ""
    for text, field, _, _ in string.Formatter().parse(words):
        expression += re.escape(text)
        if field:
            free = "[^`]" if text.endswith("`") else "."
            expression += f"(?P={field})" if field in seen else f"(?P<{field}>{free}*?)"
            seen.add(field)
    return expression
