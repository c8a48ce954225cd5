"""The registry of promises, tests/promises.tsv, which says what each column is; and tables with tabs in general."""
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[2]


class Promise(NamedTuple):
    id: str
    chapter: str
    control: str
    needs: str
    sentence: str


def rows(path):
    """The fields of each line that is no comment."""
    return [line.split("\t") for line in path.read_text().splitlines() if line and line[0] != "#"]


def promises(project=PROJECT):
    """id -> Promise, in the order of the table."""
    return {row[0]: Promise(*row) for row in rows(project / "tests/promises.tsv")}
