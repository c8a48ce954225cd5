"""What is known of mutants: tests/mutants/judged.tsv (by which test each was noticed, or nobody),
tests/mutants/equivalent.tsv (why nobody could see a difference), docs/mutation.md (the scores).

A mutant is known by its file, its function, its kind and a hash of what changes, never by a line: so code above
it may change, and what is known stays.
"""
import re
from collections import Counter

from slots import PROJECT

JUDGED = PROJECT / "tests/mutants/judged.tsv"
EQUIVALENT = PROJECT / "tests/mutants/equivalent.tsv"
LONGEST = 110  # of a change that is shown
PAGE = PROJECT / "docs/mutation.md"
SAMPLES = PROJECT / "tests/mutants/samples.tsv"
NOBODY = "(nobody)"
SAMPLES_HEAD = """\
# How many of a fresh sample of mutants were noticed (tests/mutation/all --score).
#seed\tpart\tnoticed\ttried"""
JUDGED_HEAD = """\
# Mechanical mutants, and the test that noticed each; written by tests/mutation/all (docs/mutation.md).
#file\tfunction\tkind\thash\tchange\tnoticed by
"""


def shown(site):
    text = site.change().replace("\t", " ")
    return text if len(text) <= LONGEST else text[:LONGEST - 3] + "..."


def rows(path):
    """key -> the columns after it."""
    lines = path.read_text().splitlines() if path.exists() else []
    table = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {tuple(row[:4]): row[4:] for row in table}


def judged():
    return rows(JUDGED)


def equivalent():
    return rows(EQUIVALENT)


def noticed():
    """key -> the test that noticed it: (file, title)."""
    return {key: tuple(by.split(": ", 1)) for key, (_, by) in judged().items() if by != NOBODY}


def keep(verdicts, everything):
    """Adds what was judged, and forgets what is no mutant of this tree any more, or is known to be equivalent."""
    known, there = judged(), {site.key() for site in everything} - equivalent().keys()
    for verdict in verdicts:
        if verdict.result != "no mutant":
            known[verdict.site.key()] = [shown(verdict.site), verdict.by or NOBODY]
    lines = ["\t".join([*key, *rest]) for key, rest in sorted(known.items()) if key in there]
    JUDGED.write_text(JUDGED_HEAD + "".join(line + "\n" for line in lines))


def stale(everything):
    """What is known of mutants that are none of this tree, or by tests that are none: nobody tries them again, and what noticed them proves nothing."""
    there = {site.key() for site in everything}
    gone = [f"{path.relative_to(PROJECT)}: no mutant of this tree: {file} {function}: {kind}: {table[key][0]}"
            for path, table in ((JUDGED, judged()), (EQUIVALENT, equivalent()))
            for key in table.keys() - there for file, function, kind, _ in [key]]
    return gone + [f"{JUDGED.relative_to(PROJECT)}: no test is called '{by}'" for by in sorted(set(unnamed()))]


def unnamed():
    """Tests that noticed something, and that nobody would find by their names today."""
    names = set()
    for path in (PROJECT / "tests").glob("*.bats"):
        names |= {f"{path.name}: {title}" for title in re.findall(r'^@test "(.*)" \{', path.read_text(), re.M)}
    for path in (PROJECT / "tests/unit").glob("*.cpp"):
        names |= {f"unit-tests: {suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F)?\((\w+),\s*(\w+)\)", path.read_text(), re.M)}
    for _, by in judged().values():
        one = re.fullmatch(r"[\w-]+\.bats: .*|unit-tests: \w+\.\w+", by)
        if one and by not in names and by.replace('"', '\\"').replace("$", "\\$") not in names:
            yield by


def part(file):
    """What a score is counted for."""
    return file.split("/")[1] if file.startswith("chapters/") else "common"


def score(verdicts):
    """part -> Counter of results."""
    counts = {}
    for verdict in verdicts:
        counts.setdefault(part(verdict.site.file), Counter())[verdict.result] += 1
    return counts


# --- the page ------------------------------------------------------------------------------------


def keep_score(seed, verdicts):
    """Of a sample that nobody had seen before it was drawn."""
    lines = SAMPLES.read_text().splitlines() if SAMPLES.exists() else SAMPLES_HEAD.splitlines()
    for name, counts in sorted(score(verdicts).items()):
        tried = counts["killed"] + counts["SURVIVED"]
        lines.append(f"{seed}\t{name}\t{counts['killed']}\t{tried}")
    SAMPLES.write_text("\n".join(lines) + "\n")


def page():
    """docs/mutation.md with the scores of the last sample and the survivors as they are known now."""
    text = PAGE.read_text()
    for name, made in (("score", score_table()), ("survivors", survivor_table())):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        head, _, rest = text.partition(begin)
        text = head + begin + "\n" + made + "\n" + end + rest.partition(end)[2]
    return text


def score_table():
    text = SAMPLES.read_text() if SAMPLES.exists() else ""
    samples = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    seeds = list(dict.fromkeys(row[0] for row in samples))
    table = ["| | " + " | ".join(f"seed {seed}" for seed in seeds) + " |", "| --- |" + " --- |" * len(seeds)]
    parts = sorted({row[1] for row in samples})
    for name in [*parts, "all"]:
        cells = []
        for seed in seeds:
            mine = [(int(row[2]), int(row[3])) for row in samples if row[0] == seed and name in (row[1], "all")]
            cells.append(f"{sum(k for k, _ in mine)} of {sum(t for _, t in mine)}" if mine else "")
        table.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(table) + "\n"


def survivor_table():
    table = ["| where | change | why it is not noticed |", "| --- | --- | --- |"]
    lines = [(key, change, reason) for key, (change, reason) in equivalent().items()]
    lines += [(key, change, "open") for key, (change, by) in judged().items() if by == NOBODY]
    for (file, function, kind, _), change, reason in sorted(lines):
        change = change.replace("|", "\\|").replace("`", "'")
        table.append(f"| {part(file)}: `{function}` | {kind}: `{change}` | {reason} |")
    return "\n".join(table) + "\n"
