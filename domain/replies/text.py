"""From what a phone sent to comparable words: case, accents, emoji, quotes and punctuation made one."""

import re
import unicodedata
from dataclasses import dataclass, replace

LONGEST = 5000
"""Characters that are read; SMS providers join at most 1,600."""

EMOJI = {
    "👍": "emojiyes", "👌": "emojiyes", "✅": "emojiyes", "✔": "emojiyes", "💯": "emojiyes",
    "👎": "emojibad", "😭": "emojicry", "😢": "emojicry", "😡": "emojibad", "😱": "emojibad",
    "🤢": "emojisick", "🤮": "emojisick", "🤒": "emojifever", "🌡": "emojifever",
    "🆘": "emojisos", "🚑": "emojisos", "🚨": "emojisos", "🩸": "emojiblood", "🙄": "emojieyeroll",
    "🔥": "emojifire", "😖": "emojibad", "😫": "emojibad", "😣": "emojibad", "🥵": "emojifire",
    "📷": "emojiphoto", "📸": "emojiphoto", "🤰": "emojipregnant", "🛑": "emojistop", "🚫": "emojistop",
    "📵": "emojinophone",
    "🍅": "emojitomato", "🦞": "emojitomato",
}  # fmt: skip
_FOLD = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ё": "е"})
_APOSTROPHES = re.compile(r"[’‘`´ʼ'＇]")
_WORD = re.compile(r"\d+(?:[.,:/]\d+)+|\d+%?|[^\W\d_]+(?:\d+[^\W\d_]+)*|[.!?;\n。！？؟]+|[,:()\-–—…،、，\"“”]|\S")
_NUMBER_SIGN = re.compile(r"#(?!\w)")
"""The sign that stands for the word: "wrong #"."""
_EMERGENCY_ROOM = re.compile(r"\ba ?& ?e\b")
"""What the British call it, which would fall apart into letters."""
_TRAILING_OFF = re.compile(r"[!?]*\s*\.{2,}")
_WORD_BY_WORD = re.compile(
    r"(?<![^\s.!?])(?:(?!no\b(?!\W+(?:more|mas)\b))[^\W\d_]+[.!]+\s+){2,}[^\W\d_]+(?=[.!?]|\s*$)"
)
"""Words that are said one by one: "Do. Not. Text."; a "No." may answer, so that it denies nothing behind it."""
_FILE = re.compile(r"\b\w+\.(?:jpe?g|png|heic|gif|webp|mp4|mov)\b")
"""The name that a phone gives to a picture."""
_SENTENCE_END = frozenset(".!?;\n。！？؟")
_QUESTION_MARKS = frozenset("?？؟")
_LEET = str.maketrans("013457", "oieast")
_VOICED = "\u3099\u309a"
"""Japanese marks that make another letter, so no accents: "ga" is no "ka"."""


WHOSE = frozenset(
    {
        *("hearts", "pulses", "chests", "throats", "tongues", "breaths", "breathings", "visions", "sights", "eyes"),
        *("cheeks", "chins", "faces", "skins", "lips", "jaws", "necks", "noses", "mouths", "foreheads", "temples"),
        *("heads", "bloods", "husbands", "wifes"),
    }
)
"""Words that, written without the apostrophe, may be "heart's" as well as "hearts"."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word with every spelling it may stand for; `sentence` and `clause` count from 0."""

    word: str
    forms: tuple[str, ...]
    sentence: int
    clause: int
    raw: str
    asked: bool = False
    """A question mark follows."""


def fold(text: str) -> str:
    """Lower case without accents, apostrophes or control characters; never raises."""
    if text.isascii() and text.isalnum() and len(text) <= LONGEST:
        return text.lower()
    visible = "".join(_visible(char) for char in text[:LONGEST])
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", visible))
    bare = "".join(char for char in plain if unicodedata.category(char) != "Mn" or char in _VOICED)
    return unicodedata.normalize("NFC", bare).casefold().translate(_FOLD)


def _visible(char: str) -> str:
    if char in EMOJI:
        return f" {EMOJI[char]} "
    if char in "\n\t":
        return char
    kind = unicodedata.category(char)
    if kind == "Cf":
        return ""
    return " " if kind in {"Cc", "Cs", "Co", "Cn"} else char


def tokens(folded: str, contrast: frozenset[str]) -> list[Token]:
    """Words in order; a clause ends at punctuation and before a word of `contrast`, dots lead on within a sentence."""
    found: list[Token] = []
    sentence = clause = 0
    for match in _WORD.finditer(_TRAILING_OFF.sub(" , ", join_spelled(_plain(folded)))):
        piece = match.group()
        if piece[0] in _SENTENCE_END:
            if found and _QUESTION_MARKS.intersection(piece):
                found[-1] = replace(found[-1], asked=True)
            sentence, clause = sentence + 1, clause + 1
        elif not piece[0].isalnum():
            clause += 1
        else:
            clause += piece in contrast
            found.append(Token(piece, (piece, *_respelled(piece)), sentence, clause, piece))
    return found


def _plain(folded: str) -> str:
    """Without names of files and dots between single words, with signs as the words that they stand for."""
    folded = _WORD_BY_WORD.sub(lambda run: re.sub(r"[.!]+\s+", " ", run.group()), folded)
    return _EMERGENCY_ROOM.sub("hospital", _NUMBER_SIGN.sub(" number ", _FILE.sub(" ", folded)))


def join_spelled(folded: str) -> str:
    """'s t o p' and 's.t.o.p' become one word."""
    return re.sub(r"\b(?:[^\W\d_][ .\-]){2,}[^\W\d_]\b", lambda run: re.sub(r"[ .\-]", "", run.group()), folded)


def _respelled(word: str) -> list[str]:
    """Spellings without stretched letters ('sooo') or 's, of digits ('bl1ster') and of speech ('hinchao', 'runnin')."""
    spellings = []
    if (spoken := re.sub(r"(?<=[^\W\d_]{2})ao(s?)$", r"ado\1", word)) != word:
        spellings.append(spoken)
    if re.search(r"(.)\1\1", word):
        spellings += [re.sub(r"(.)\1{2,}", r"\1", word), re.sub(r"(.)\1{2,}", r"\1\1", word)]
    if any(char.isdigit() for char in word) and not word.isdigit() and word[0].isalpha():
        spellings.append(word.translate(_LEET))
    if len(word) > 4 and word.endswith("in"):
        spellings.append(f"{word}g")
    if word in WHOSE:
        spellings.append(word[:-1])
    return spellings
