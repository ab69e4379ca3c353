"""Renders messages: one SMS, one e-mail with its plain twin, or a care page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import css_inline
from babel import Locale
from markupsafe import Markup

from domain.messages import Channel
from domain.segments import to_gsm7
from domain.wording import MessageContext, RenderedText
from protocols.aftercare import load_aftercare
from protocols.dates import babel_locale, short_date
from protocols.ics import render_ics
from protocols.message_context import one_line, variables, without_names
from protocols.message_keys import MERGED, STAFF_KEYS
from protocols.plain_text import plain_text
from protocols.template_files import DEFAULT_LOCALE, TemplateFiles

__all__ = ["MessageContext", "RenderedText", "Templates"]


class Templates:
    """Fills the shipped templates, and a clinic's own from its folder, in the patient's language.

    Every method raises BadInputError that names the template, and the variable that it lacks.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._files: Final = TemplateFiles(folder)
        self._aftercare: Final = load_aftercare(folder)
        self._inliner: Final = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def render(self, key: str, channel: Channel, context: MessageContext, locale: str) -> RenderedText:
        """The text of one message as it will be sent."""
        if channel is Channel.EMAIL:
            return self._email(key, context, locale)
        name = self._files.find(key, "sms.txt", context.variants, locale)
        return RenderedText(
            body=to_gsm7(self._line(name, context, locale)),
            template_version=self._files.version(name),
        )

    def render_page(self, key: str, context: MessageContext, locale: str) -> str:
        """What the e-mail says, as a page of its own that loads nothing from elsewhere."""
        return self._document(self._care_files(key, "_page", context, locale), context, locale)

    def calendar_summary(self, context: MessageContext, locale: str) -> str:
        """The neutral title of a visit in the patient's calendar."""
        return self._line(self._files.find("visit", "summary.txt", (), locale), context, locale)

    def _email(self, key: str, context: MessageContext, locale: str) -> RenderedText:
        layout = "_staff" if key in STAFF_KEYS else "_email"
        files = self._care_files(key, layout, context, locale)
        html = self._document(files, context, locale)
        visit = context.visit
        invitation = (render_ics(visit, self.calendar_summary(context, locale)),) if visit else ()
        return RenderedText(
            attachments=invitation,
            body=plain_text(html),
            subject=self._line(files[1], context, locale),
            html=self._inliner.inline(html),
            template_version=self._files.version(*files),
        )

    def _care_files(self, key: str, layout: str, context: MessageContext, locale: str) -> tuple[str, str, str]:
        """Names of the body, the subject and the layout around them, all in one language."""
        merged = context.care is not None and self._aftercare.collide(context.care)
        body = self._files.find(MERGED if merged else key, "html", context.variants, locale)
        language = _language(body)
        subject = self._files.find(key, "subject.txt", context.variants, language)
        return body, subject, self._files.find(layout, "html", (), language)

    def _document(self, files: tuple[str, str, str], context: MessageContext, locale: str) -> str:
        body, subject, layout = files
        dates = _dates_for(body, locale)
        words: dict[str, object] = {**variables(context, dates, long=True), **self._care(context, body, dates)}
        content = Markup(self._fill(body, words))  # noqa: S704 (autoescaped when it was filled)
        heading = self._fill(subject, words)
        return self._fill(layout, {**words, "body": content, "subject": heading})

    def _care(self, context: MessageContext, body: str, dates: Locale) -> dict[str, object]:
        """The instructions that hold together, in the language of the text."""
        if context.care is None or not body.endswith(f"/{MERGED}.html"):
            return {}
        language = _language(body)[:2]
        lines = self._aftercare.lines(context.care)
        texts = ((line.rule.texts.get(language) or line.rule.texts[DEFAULT_LOCALE], line.until) for line in lines)
        return {"care": [text.replace("{until}", short_date(until, dates)) for text, until in texts]}

    def _fill(self, name: str, words: Mapping[str, object]) -> str:
        return without_names(self._files.fill(name, words))

    def _line(self, name: str, context: MessageContext, locale: str) -> str:
        return one_line(self._fill(name, variables(context, _dates_for(name, locale), long=False)))


def _language(name: str) -> str:
    return name.partition("/")[0]


def _dates_for(name: str, locale: str) -> Locale:
    """Dates follow the patient's region where the text is in the patient's language, else the text."""
    language = _language(name)
    return babel_locale(locale if locale[:2] == language[:2] else language)
