"""Looks at template files: names, variables, forbidden words, length."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from jinja2 import TemplateSyntaxError, meta, nodes

from domain.booking import Treatment
from domain.errors import BadInputError
from domain.segments import segments, to_gsm7
from protocols.dates import babel_locale
from protocols.findings import Finding, Severity, did_you_mean
from protocols.lint_words import forbidden, reserved
from protocols.message_context import WORDS, MessageContext, one_line, variables
from protocols.message_keys import KEYWORD_KEYS
from protocols.template_files import DEFAULT_LOCALE, SHIPPED_TEMPLATES, TemplateFiles

VARIANTS: Final = (*(treatment.value for treatment in Treatment), "laser", "standing_order", "alone")
"""Further ones are two letters: a country."""
ALWAYS_THERE: Final = frozenset({"clinic", "name", "phone", "sos"})
MAIL_WORDS: Final = frozenset({*WORDS, "when", "day", "gate_open", "care"})
SAMPLE: Final = MessageContext(
    clinic="Rivera Skin Clinic",
    zone="America/New_York",
    name="Alexandria",
    when=datetime(2026, 9, 30, 16, 30, tzinfo=UTC),
    day=date(2026, 9, 30),
    phone="(212) 555-0100",
    sos="911",
    names="1 Alexandria, 2 Alexandros",
    other="3",
    link="https://visits.example.com/c/abcdefghijk",
    address="1 Main Street",
    unsubscribe_url="https://visits.example.com/u/abcdefghijk",
)
"""As long as the message plan allows for: clinic 18, name 10, link 40, date 21 characters."""
_NAME: Final = re.compile(
    r"([a-z]+(?:-[A-Z]{2})?)/([a-z0-9_]+)(?:\.([a-z_]+))?\.(sms\.txt|subject\.txt|summary\.txt|html)"
)
MAX_SEGMENTS: Final = 2
DEAR_NAME: Final = "Mária"
"""Five letters, one of them outside GSM-7."""
CARRIER_WORDS: Final = frozenset({"STOP", "HELP", "START"})
_MENDS: Final = {
    "claims": "say what the software does: it records, reminds, passes on, holds",
    "drugs": "leave it out, or write 'what was prescribed for you'",
    "health": "others can read this on a locked screen: move it to the e-mail",
    "treatments": "others can read this on a locked screen: write 'your visit' or 'your treatment'",
    "reserved": "carriers act on this word themselves: ask for a digit",
}


class _File(NamedTuple):
    """One template file and what its name says."""

    path: Path
    name: str
    language: str
    key: str
    variant: str | None
    kind: str
    source: str


def check_templates(folder: Path, files: TemplateFiles) -> Iterator[Finding]:
    """Findings about every template in `folder`, which is one of those that `files` reads."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder).as_posix()
        match = _NAME.fullmatch(name)
        if match and _known_variant(match[3]):
            source = path.read_text(encoding="utf-8", errors="replace")
            yield from _check(_File(path, name, match[1], match[2], match[3], match[4], source), files)
        elif not path.name.startswith("_"):
            mend = "name it <language>/<key>[.<variant>].sms.txt, .subject.txt or .html"
            yield _found(path, 1, "no message uses a file of this name", mend, Severity.WARNING)


def _known_variant(variant: str | None) -> bool:
    return variant is None or variant in VARIANTS or len(variant) == 2


def _found(path: Path, line: int, message: str, mend: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(file=path, line=line, severity=severity, message=message, mend=mend)


def _check(file: _File, files: TemplateFiles) -> Iterator[Finding]:
    try:
        tree = files.environment.parse(file.source, file.name)
    except TemplateSyntaxError as error:
        yield _found(file.path, error.lineno, f"not readable as a template: {error.message}", "mend the braces")
        return
    yield from _words(file)
    yield from _carrier_words(file)
    if file.key.startswith("_"):
        return
    problems = [*_unknown_variables(file, tree, files), *_lost_variables(file, tree, files)]
    yield from problems
    if not problems:
        yield from _filled(file, files)


def _words(file: _File) -> Iterator[Finding]:
    found = list(forbidden(file.source, file.language[:2], visible=file.kind != "html"))
    if file.kind == "sms.txt":
        found += reserved(file.source, about_keywords=file.key in KEYWORD_KEYS)
    for word in found:
        yield _found(file.path, word.line, f"{word.text!r} ({word.category})", _MENDS[word.category])


def _unknown_variables(file: _File, tree: nodes.Template, files: TemplateFiles) -> Iterator[Finding]:
    known = _variables_of(file, files) | ALWAYS_THERE if file.kind == "sms.txt" else MAIL_WORDS
    for name in sorted(meta.find_undeclared_variables(tree) - known):
        lines = [node.lineno for node in tree.find_all(nodes.Name) if node.name == name]
        mend = did_you_mean(name, known, f"known here: {', '.join(sorted(known))}")
        yield _found(file.path, min(lines, default=1), f"unknown variable {name!r}", mend)


def _lost_variables(file: _File, tree: nodes.Template, files: TemplateFiles) -> Iterator[Finding]:
    """A number, link, date or sender that the shipped text has was put there for a reason."""
    if file.kind == "sms.txt":
        lost = _variables_of(file, files) - meta.find_undeclared_variables(tree) - {"name"}
        for name in sorted(lost):
            yield _found(file.path, 1, f"the text does not say {name!r}", f"add {{{{ {name} }}}}")


def _variables_of(file: _File, files: TemplateFiles) -> frozenset[str]:
    """What the shipped English text of this message speaks of."""
    for stem in (f"{file.key}.{file.variant}", file.key):
        shipped = SHIPPED_TEMPLATES / DEFAULT_LOCALE / f"{stem}.{file.kind}"
        if shipped.is_file():
            return frozenset(meta.find_undeclared_variables(files.environment.parse(shipped.read_text("utf-8"))))
    return frozenset()


def _filled(file: _File, files: TemplateFiles) -> Iterator[Finding]:
    """Whether the text can be filled: an SMS with all that its message knows, others with what is always there."""
    is_sms = file.kind == "sms.txt"
    everything = variables(SAMPLE, babel_locale(file.language), long=False)
    try:
        text = files.fill(file.name, everything if is_sms else dict.fromkeys(ALWAYS_THERE, "x"))
    except BadInputError as error:
        yield _found(file.path, 1, str(error), "guard what may be missing: {% if when is defined %}...{% endif %}")
    else:
        yield from _length(file, text) if is_sms else ()
        yield from _with_a_dear_name(file, files) if is_sms else ()


def _with_a_dear_name(file: _File, files: TemplateFiles) -> Iterator[Finding]:
    """A name is never respelt: one letter outside GSM-7 leaves 70 characters a segment."""
    if not re.search(r"{{ *name\b", file.source):
        return
    context = SAMPLE.model_copy(update={"name": DEAR_NAME})
    text = files.fill(file.name, variables(context, babel_locale(file.language), long=False))
    count = segments(to_gsm7(one_line(text)))
    if count.segments > MAX_SEGMENTS:
        message = f"a name such as {DEAR_NAME} makes it {count.segments} SMS segments"
        yield _found(file.path, 1, message, "shorten it if such names are usual among your patients", Severity.INFO)


def _carrier_words(file: _File) -> Iterator[Finding]:
    """Who may be told how to end and begin texts must be: carriers and the law ask for these words."""
    shipped = SHIPPED_TEMPLATES / DEFAULT_LOCALE / f"{file.key}.{file.kind}"
    if file.kind != "sms.txt" or file.key not in KEYWORD_KEYS or not shipped.is_file():
        return
    said = set(re.findall(r"[A-Z]+", shipped.read_text("utf-8")))
    for word in sorted(CARRIER_WORDS & said - set(re.findall(r"[A-Z]+", file.source))):
        yield _found(file.path, 1, f"the text does not say {word}", f"say what {word} does")


def _length(file: _File, text: str) -> Iterator[Finding]:
    count = segments(to_gsm7(one_line(text)))
    if count.segments > 1:
        severity = Severity.ERROR if count.segments > MAX_SEGMENTS else Severity.WARNING
        message = f"{count.segments} SMS segments ({count.units} units, {count.encoding})"
        yield _found(file.path, 1, message, "shorten it; á, í, ó, ú and emoji leave 70 characters a segment", severity)
