"""How many urgent replies one typing error makes less: `python scripts/typing_errors.py FILE ROUND...`.

Of each reply of these rounds that is read as urgent every word of five letters and more is mistyped once, at random:
a letter left out, doubled, swapped with the next or struck beside it. Prints how many texts were tried, how many were
read as less, and the words that were lost most often.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.replies import Label, ReplyReader, load_reader

SHORTEST = 5
SHOWN = 20
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
BESIDE = {letter: row[at - 1] if at else row[1] for row in ROWS for at, letter in enumerate(row)}


def mistyped(word: str, chance: random.Random) -> str:
    """The word with one error inside."""
    at = chance.randrange(1, len(word) - 1)
    before, here, after = word[:at], word[at], word[at + 1 :]
    kinds = (before + after, before + here + here + after, before + after[0] + here + after[1:])
    return chance.choice((*kinds, before + BESIDE.get(here, here) + after))


def tried(texts: list[tuple[str, str]], chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """Each long word of each text, with the text in which it is mistyped and its language."""
    for text, lang in texts:
        words = text.split()
        for at, word in enumerate(words):
            if word.isalpha() and len(word) >= SHORTEST:
                yield word, " ".join([*words[:at], mistyped(word, chance), *words[at + 1 :]]), lang


def urgent_of(path: Path, rounds: set[int], reader: ReplyReader) -> list[tuple[str, str]]:
    """Text and language of the urgent replies of these rounds that are read as urgent."""
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    mine = [one for one in entries if one["label"] == Label.URGENT and one.get("round") in rounds]
    return [(x["text"], x["lang"]) for x in mine if reader.read(x["text"], lang=x["lang"]).label is Label.URGENT]


def main(arguments: Sequence[str]) -> int:
    if len(arguments) < 2 or not all(one.isdigit() for one in arguments[1:]):
        print("Name a JSON-lines file with text, lang, label and round, and one or more rounds.", file=sys.stderr)
        return 2
    reader = load_reader()
    every = list(tried(urgent_of(Path(arguments[0]), set(map(int, arguments[1:])), reader), random.Random(5)))
    lost = [word for word, text, lang in every if reader.read(text, lang=lang).label is not Label.URGENT]
    print(f"{len(every)} tried, {len(lost)} read as less")
    print(", ".join(f"{word} {count}" for word, count in Counter(lost).most_common(SHOWN)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
