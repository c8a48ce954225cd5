"""The registry of promises, tests/promises.tsv, which says what each column is; and tables with tabs in general.

What a chapter under construction promises stands in tests/promises-begun.tsv until the chapter is announced.
"""
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


def promises(project=PROJECT, begun=False):
    """id -> Promise, in the order of the table; `begun`: and those of chapters under construction."""
    tables = ["promises.tsv", *(["promises-begun.tsv"] if begun else [])]
    return {row[0]: Promise(*row) for table in tables for row in rows(project / "tests" / table)}
