"""Reading of replies by the clinic's rules: deterministic, with the rule and the words that decided."""

from domain.replies.batch import read_lines
from domain.replies.load import load_reader, load_rules
from domain.replies.reader import ReplyReader
from domain.replies.reading import PRECEDENCE, Label, Question, Reading
from domain.replies.rulebook import Lexicon, NegationWords, Rule, RuleBook

__all__ = [
    "PRECEDENCE",
    "Label",
    "Lexicon",
    "NegationWords",
    "Question",
    "Reading",
    "ReplyReader",
    "Rule",
    "RuleBook",
    "load_reader",
    "load_rules",
    "read_lines",
]
