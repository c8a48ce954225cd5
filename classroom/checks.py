"""The checks of exercises: which test each is, and what became of it."""
import re
import shlex
import shutil
import sys
import textwrap
from dataclasses import dataclass

from catalog import PROJECT, SAID

sys.path.append(str(PROJECT / "tests/support"))
import registry  # noqa: E402  the line before says where it is

PASS, FAIL, SKIP, NONE = "pass", "fail", "not graded", "no verdict"
# A skip that is no submission's doing: nobody could have shown it in such a place. It takes no other point along.
LACK = "cannot be tried here"


@dataclass
class Verdict:
    result: str
    seen: str = ""  # what the test said

    @property
    def good(self):
        return self.result == PASS

    @property
    def is_open(self):
        return self.result in (SKIP, LACK)


def promises():
    """Promise id -> its sentence."""
    return {promise.id: promise.sentence for promise in registry.promises(PROJECT).values()}


def tests(chapter):
    """Title -> file below tests/, of the chapter's own tests and the hidden ones that are here."""
    found = {}
    for file in (f"chapter-{chapter}.bats", f"classroom/hidden/chapter-{chapter}.bats"):
        path = PROJECT / "tests" / file
        for title in re.findall(r'^@test "(.*)" \{', path.read_text(), re.M) if path.exists() else ():
            found.setdefault(re.sub(r"\\(.)", r"\1", title), file)
    return found


def test_of(chapter, check):
    """(title, file) of the test that a check is; None if it is not here, as a hidden one in a hand-out."""
    known, sentences = tests(chapter), promises()
    for title, file in known.items():
        if title == check or check in sentences and title.startswith(check + " ") and is_promise(file, title):
            return title, file
    return None


def is_promise(file, title):
    return f'@test "{title}" {{ promise ' in (PROJECT / "tests" / file).read_text()


def is_hidden(file):
    return file.startswith("classroom/hidden/")


def seal_of(check):
    """The id that the probe's seal has for it; one attack stands for several promises."""
    return {"MNT-ROSUB": "MNT-ROROOT", "EX-STDDIR": "MNT-04"}.get(check, check)


def is_sealed(check):
    """Is it the probe that says so? Scripts of the host's side have no seal."""
    scripts = "".join(path.read_text() for path in (PROJECT / "tests/support/host_side").iterdir())
    return check in promises() and f"\nattack_{check.replace('-', '_')}()" not in scripts


def cut(text, titles, gap="\n"):
    """Of a .bats file what these tests need, and in the place of each other line a gap: so the lines keep their numbers."""
    kept, leaving = [], False
    for line in text.splitlines():
        begun = re.match(r'@test "(.*)" \{', line)
        leaving = leaving or begun is not None and re.sub(r"\\(.)", r"\1", begun[1]) not in titles
        kept.append(gap if leaving else line + "\n")
        leaving = leaving and line != "}" and not (begun and line.endswith(" }"))
    return "".join(kept)


def as_functions(text):
    """A .bats file as classroom/tests.bash runs it: test_1, test_2 ... in the place of the tests, on the same lines, and their titles."""
    titles = []

    def function(begun):
        titles.append(shlex.quote(re.sub(r"\\(.)", r"\1", begun[1])))
        return f"test_{len(titles)}() {{"

    text = re.sub(r'^@test "(.*)" \{', function, text, flags=re.M)
    return f"{text}bout_titles=({' '.join(titles)})\n"


def pattern_of(titles):
    return "|".join(f"^{re.escape(title)}$".replace(r"\ ", " ") for title in sorted(set(titles)))


def read_tap(output):
    """Title -> Verdict. A title that comes twice is believed by nobody."""
    found = {}
    for part in re.split(r"^(?=(?:ok|not ok) \d+ )", output, flags=re.M)[1:]:
        head, _, rest = part.partition("\n")
        result, title = re.match(r"(ok|not ok) \d+ (.*)", head).groups()
        title, _, skipped = title.partition(" # skip")
        seen = "\n".join(line[2:] for line in rest.splitlines() if line.startswith("# "))
        verdict = Verdict(SKIP, skipped.strip()) if skipped else Verdict(PASS if result == "ok" else FAIL, seen)
        found[title] = Verdict(NONE, "this test has two verdicts") if title in found else verdict
    return found


def said(exercise, region):
    """Was the line of a hole completed, with a few words, in whatever language, on that line or on those below it?"""
    found = re.search(r"^\s*(?://|#)\s*The hole\s*:(.*(?:\n\s*(?://|#).*)*)", region, re.M)
    given = {line.strip() for line in exercise.source.read_text().splitlines()}
    answer = " ".join(line for line in (found[1] if found else "").split("\n") if line.strip() not in given)
    # Some languages put no blanks between words.
    enough = len(re.findall(r"[^\W\d_][\w'’-]+", answer)) >= 4 or len(re.findall(r"[\u3040-\u9fff\uac00-\ud7af]", answer)) >= 8
    return Verdict(PASS if enough else FAIL, "the line '// The hole: ?' waits for a sentence of yours")


def cleaned(seen, lines=14, width=160):
    """Of a test's diagnostics, what helps: without bats' own words and without control bytes."""
    kept = [re.sub(r"[^\t\x20-\x7e\u00a0-\uffff]", "?", line)[:width] for line in seen.splitlines()
            if line.strip() and not re.match(r"\(from function|\(in test file|\s*in (test )?file|\s*from function|\s*`@test", line)]
    return kept[:lines]


def told(seen):
    """The parts of what promise.bash says of a broken promise, or nothing."""
    return dict(re.findall(r"^ +(attack|expected|seen|again) +(.*)", seen, re.M))


def say(label, text):
    """One line of an explanation, or more of them."""
    width = min(96, shutil.get_terminal_size((96, 24)).columns)
    print(textwrap.fill(text, width, initial_indent=f"  {label:<10}  ", subsequent_indent=" " * 14, break_long_words=False))
