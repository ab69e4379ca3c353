"""Prints how the shipped reply rules read labelled files, by language, with the misses: replies_table.py FILE..."""

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from domain.replies import load_reader
from tests.replies.scoring import Score, Scored, read_file, score

HEADER = ("lang", "n", "exact", "urgent", "reached", "harmless!", "opt-out", "to person")


def main(paths: Sequence[str]) -> int:
    if not paths:
        print("Name one or more JSON-lines files with text, lang and label.", file=sys.stderr)
        return 2
    reader = load_reader()
    scored = [one for path in paths for one in read_file(Path(path), reader)]
    print_table(scored)
    print_misses(scored)
    return 0


def print_table(scored: Sequence[Scored]) -> None:
    print(_row(HEADER))
    for lang in sorted({one.lang for one in scored}):
        print(_row((lang, *_cells(score(one for one in scored if one.lang == lang)))))
    print(_row(("all", *_cells(score(scored)))))
    print("\nharmless!: urgent or concern read as clear or mild; to person: clear or mild that a person reads\n")


def print_misses(scored: Sequence[Scored]) -> None:
    for one in scored:
        if one.reading.label is not one.label:
            print(f"{one.lang} {one.label} read as {one.reading.label} [{one.reading.rule}]: {one.text!r}")


def _cells(counts: Score) -> tuple[str, ...]:
    exact, size = counts.exact
    pairs = (
        counts.urgent,
        counts.reached,
        counts.worrying_as_harmless,
        counts.opt_out,
        counts.harmless_to_person,
    )
    return (str(size), f"{exact / size:.1%}", *(f"{right}/{of}" for right, of in pairs))


def _row(cells: Sequence[str]) -> str:
    return "".join(f"{cell:>12}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
