"""The table of settings in docs/operating.md, made from the settings themselves."""

from datetime import timedelta

from pydantic_core import PydanticUndefined

from runtime.settings import PREFIX, Settings


def settings_table() -> str:
    """One Markdown row per setting: variable, default, what it is."""
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | what |", "|---|---|---|", *rows])


def _default(value: object) -> str:
    if value is None or value is PydanticUndefined:
        return ""
    if isinstance(value, timedelta):
        return f"`{value.total_seconds():g}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
