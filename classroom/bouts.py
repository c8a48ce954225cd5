"""What classroom/judge.sh is asked, and what it says: bouts and their records. What is no record of this run is not read."""
import base64
import re
from dataclasses import dataclass, field


@dataclass
class Bout:
    name: str
    programs: str
    file: str = ""  # below tests/
    titles: list = field(default_factory=list)  # of its tests, those that are meant
    hidden: bool = False
    script: str = ""  # a student's probe, in `programs`, to be tried in `target`
    target: str = ""
    root: str = ""
    seconds: int = 60


@dataclass
class Record:
    status: int
    output: str
    evidence: str


def records(said, nonce):
    found = {}
    for line in said.splitlines():
        record = re.fullmatch(rf"{nonce} ([a-z0-9.-]+) (\d+) ([A-Za-z0-9+/=]+|-) ?([A-Za-z0-9+/=]*)", line)
        if record and record[1] not in found:
            found[record[1]] = Record(int(record[2]), decoded(record[3]), decoded(record[4]))
    return found


def decoded(text):
    return "" if text in ("", "-") else base64.b64decode(text).decode(errors="replace")
