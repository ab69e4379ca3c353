"""The commands of the workflows are on record, so that a change of them is seen in a review."""

from pathlib import Path

from scripts.fingerprint import difference, fingerprints


def test_the_commands_are_those_on_record() -> None:
    """A differing workflow says here what to do about it."""
    assert difference() == ""


def test_a_new_command_is_named_with_what_to_do(tmp_path: Path) -> None:
    """The message names the workflow and the command, and leads to patched and to a new record."""
    _careless_copy(tmp_path)
    said = difference(tmp_path)
    assert "Journey: + run: sleep" in said
    assert "workflow.patched" in said
    assert "scripts/record_histories.py" in said


def test_a_changed_order_is_noticed(tmp_path: Path) -> None:
    """The same commands in another order are another fingerprint."""
    _write(tmp_path, "await workflow.sleep(1)\n        workflow.upsert_memo({})")
    before = fingerprints(tmp_path)
    _write(tmp_path, "workflow.upsert_memo({})\n        await workflow.sleep(1)")
    assert before == {"W": ["run run", "run: sleep", "run: upsert_memo"]}
    assert fingerprints(tmp_path) == {"W": ["run run", "run: upsert_memo", "run: sleep"]}


def test_a_helper_outside_the_class_counts(tmp_path: Path) -> None:
    """A command in a function of another file stands under that file's name."""
    (tmp_path / "helper.py").write_text("async def rest():\n    await workflow.sleep(1)\n", encoding="utf-8")
    assert fingerprints(tmp_path) == {"helper.py": ["rest: sleep"]}


def _careless_copy(folder: Path) -> None:
    """The workflows with one timer more in the journey's loop."""
    for path in (Path(__file__).parents[2] / "workflows").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        careless = text.replace(
            "        while not self._journey.is_over",
            "        await workflow.sleep(1)\n" + "        while not self._journey.is_over",
        )
        (folder / path.name).write_text(careless, encoding="utf-8")


def _write(folder: Path, body: str) -> None:
    source = f"@workflow.defn\nclass W:\n    @workflow.run\n    async def run(self):\n        {body}\n"
    (folder / "w.py").write_text(source, encoding="utf-8")
