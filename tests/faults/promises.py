"""Which promise a system call of a start stands for: promises.tsv."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "promises.tsv"


@dataclass(frozen=True)
class StandsFor:
    """The probe's attacks that have to fail if a start goes on though the call has failed; of those with "works:" in
    the table the probe has to say REACHED. `flags`: with which they can be told at all. `harmless`: with which errors a
    start may go on."""

    attacks: tuple = ()
    works: frozenset = frozenset()
    flags: tuple = ()
    harmless: re.Pattern = re.compile(".*")

    def verdicts(self):
        names = [attack.lstrip("+") for attack in self.attacks]
        return {name: "REACHED" if name in self.works else "BLOCKED" for name in names}


class Promises:
    """The table: the first row that fits a call counts."""

    def __init__(self):
        self.rows = []
        for line in TABLE.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                call, about, attacks, flags, harmless, _ = line.split("\t")
                words = attacks.split() if attacks != "-" else []
                works = frozenset(word.removeprefix("works:") for word in words if word.startswith("works:"))
                found = StandsFor(tuple(word.removeprefix("works:") for word in words), works, tuple(flags.split()) if flags != "-" else (),
                                  re.compile(harmless))
                self.rows.append((re.compile(call), re.compile(about), found))

    def find(self, call, about):
        return next((row for row in self.rows if row[0].fullmatch(call) and row[1].search(about)), None)

    def of(self, call, about):
        return self.find(call, about)[2]

    def require_all(self, calls):
        """A call that nobody has weighed is no case to be passed over."""
        missing = ["%s %s" % call for call in calls if not self.find(*call)]
        if missing:
            sys.exit("tests/faults/promises.tsv does not say what these calls of a start stand for:\n  " + "\n  ".join(missing))
