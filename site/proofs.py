"""What the tree knows of a promise: its attack, the wall that holds it and the line without which it would not, its labs,
its CVEs.

    python3 site/proofs.py      # names the promises of which it does not know these; 1 if there are any

Nothing of it is typed: the attack is found by its name in the probe, the line by the mistakes of tests/mutants, which
the attack notices, and by tests/mutants/recipe.tsv; the rest by who mentions it.
"""
import re
import sys
from functools import cache
from pathlib import Path

sys.dont_write_bytecode = True
PROJECT = Path(__file__).resolve().parents[1]
sys.path += [str(PROJECT / "tests/support"), str(PROJECT / "classroom")]
import registry  # noqa: E402  the tables are read there
from regions import MARKER  # noqa: E402  a patch is of the code without the marks of exercises

CVE = re.compile(r"CVE-\d{4}-\d{4,}")


@cache
def lines_of(path):
    return path.read_text().split("\n")


class Place:
    """A line of a file, and what is said of it."""

    def __init__(self, path, line, code, why=""):
        self.path, self.line, self.code, self.why = path, line, code, why

    @property
    def name(self):
        return f"{self.path.relative_to(PROJECT)}:{self.line}"

    def function(self):
        """The function that it stands in, if it does."""
        for line in reversed(lines_of(self.path)[:self.line]):
            if re.match(r"[A-Za-z].*\) (?:const )?\{|[A-Za-z_].*\($", line):
                found = re.search(r"([\w:~]+)\(", line)
                return found[1] if found else ""
            if re.match(r"[})]", line) or line.startswith("constexpr"):
                return ""
        return ""


# --- the attack ------------------------------------------------------------------------------------


def comment_above(lines, at):
    """The comment that ends right above a line, as words."""
    said = []
    while at > 0 and (found := re.match(r"\s*(?://|#(?!!))/? ?(.*)", lines[at - 1])) and "shellcheck" not in found[1]:
        said.insert(0, found[1])
        at -= 1
    return " ".join(said).strip()


def definition(path, start):
    """A function, from the line that begins it to the brace that ends it."""
    lines = lines_of(path)
    for number, line in enumerate(lines):
        if re.match(start, line):
            end = next(at for at in range(number, len(lines)) if lines[at].startswith("}") or lines[number].endswith("; }"))
            return Place(path, number + 1, "\n".join(lines[number:end + 1]), comment_above(lines, number))
    return None


@cache
def attacks(promise):
    """The part that the host has in it, where it has one, and the probe's function."""
    found, shell = [], re.escape("attack_" + promise.replace("-", "_"))
    for path in sorted((PROJECT / "tests/support").rglob("*.bash")):
        place = definition(path, rf"{shell}\(\) \{{")
        if place and not re.search(r"\{ script \S+ \S+ \}$", place.code):
            found.append(place)
    for path in sorted((PROJECT / "tests/probe").glob("*.cpp")):
        if listed := re.search(rf'\{{"{promise}", (\w+)(?:<(\w+)>)?\}}', path.read_text()):
            found.append(definition(path, rf"constexpr .*\b{listed[2]}\b" if listed[2] else rf"\w.*\b{listed[1]}\("))
    return found


# --- the wall --------------------------------------------------------------------------------------


def patched(patch):
    """The place of a mistake, in the code as it is: the first line that the patch changes, and is no include."""
    head, _, body = patch.read_text().partition("\n\n")
    why = re.search(r"^Why: (.*)$", head, re.M)
    for name, hunks in re.findall(r"^--- a/(\S+)\n\+\+\+ .*\n((?:(?!--- a/).*\n)*)", body, re.M):
        for hunk in re.split(r"^@@.*\n", hunks, flags=re.M)[1:]:
            if place := changed_by(PROJECT / name, [line for line in hunk.split("\n") if line], why[1] if why else ""):
                return place
    return None


def changed_by(path, hunk, why):
    changed = "\n".join(line for line in hunk if line[0] != " ")
    if re.fullmatch(r"([+-](#include .*)?\n?)+", changed):
        return None
    old = [line[1:] for line in hunk if line[0] != "+"]
    lines = [(number, line) for number, line in enumerate(lines_of(path), 1) if not MARKER.match(line)]
    first = next(number for number, line in enumerate(hunk) if line[0] != " ")
    for at in range(len(lines) - len(old) + 1):
        if [line for _, line in lines[at:at + len(old)]] == old:
            return Place(path, lines[min(at + first, len(lines) - 1)][0], changed, why)
    return None


def forgotten(since, step):
    """The place of a line of a recipe."""
    for path in [found for name in ("main.cpp", "can.cpp") for found in (PROJECT / "chapters").glob(f"{since}-*/{name}")]:
        for number, line in enumerate(lines_of(path), 1):
            if step in line:
                return Place(path, number, "-" + line)
    return None


@cache
def walls():
    """The places without which each promise is broken; the recipe's first."""
    found = {}
    for since, step, notices, why in registry.rows(PROJECT / "tests/mutants/recipe.tsv"):
        if place := forgotten(since, step):
            place.why = why
            found.setdefault(notices, []).append(place)
    for patch in sorted((PROJECT / "tests/mutants").glob("*/*.patch")):
        notices = re.match(r"Promise: (\S+)", patch.read_text())
        if notices and (place := patched(patch)):
            found.setdefault(notices[1], []).append(place)
    return found


# --- who mentions it -------------------------------------------------------------------------------


def shown_by(lab):
    return dict.fromkeys(re.findall(r"^<!-- lab: \w+ (\S+)", lab.read_text(), re.M))


@cache
def labs():
    """The labs that show each promise."""
    found = {}
    for path in sorted((PROJECT / "labs").glob("[0-9][0-9]-*.md")):
        for promise in shown_by(path):
            found.setdefault(promise, []).append(path)
    return found


@cache
def sentences():
    """Those of the texts that name a CVE."""
    texts = "\n\n".join(path.read_text() for path in sorted((PROJECT / "docs").glob("[0-9][0-9]-*.md")))
    return [said for said in re.split(r"[.:]\s|\n\n", texts) if CVE.search(said)]


def row_of_table(place):
    """The entry of a table that a wall is, to its end; a table's rows say why."""
    lines = lines_of(place.path)[place.line - 1:place.line + 6]
    if not re.match(r"\s+[A-Z]\w+\{", lines[0]):
        return ""
    return "\n".join(lines[:next((number + 1 for number, line in enumerate(lines) if re.search(r"\},?$", line)), 1)])


def cves(promise):
    """Those of its attack and its walls, of the labs that begin with it, of the sentences that name it."""
    said = [sentence for sentence in sentences() if re.search(rf"\b{promise}\b(?!-)", sentence)]
    for place in [*attacks(promise), *walls().get(promise, [])]:
        said += [place.code, place.why, row_of_table(place)]
    said += [path.read_text() for path in labs().get(promise, []) if next(iter(shown_by(path))) == promise]
    return sorted(set(CVE.findall("\n".join(said))))


def unexplained():
    """The promises of which the tree does not say what attacks them, or what holds them."""
    for promise in registry.promises():
        if not attacks(promise):
            yield f"{promise}: no attack of that name in tests/probe or tests/support"
        if not walls().get(promise):
            yield f"{promise}: no mistake in tests/mutants, of the code as it is, breaks it"


if __name__ == "__main__":
    missing = list(unexplained())
    print("\n".join(missing), end="\n" if missing else "")
    sys.exit(1 if missing else 0)
