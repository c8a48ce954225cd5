"""One submission: from the texts that were taken of it to a verdict for each check."""
import os
import re
import shutil
from pathlib import Path

import builder
import catalog
import checks
import clean
import place as places
import regions
import reports
from trial import Trial

# Words that no solution needs: for a person to look at, and no verdict.
ODD_WORDS = ("BLOCKED", "SEAL", "NO-KEY", "TINCAN", "bats", "/probe", "ptrace", "process_vm", "/dev/v", "incbin", "results.json", "hidden")
LONGEST = 4000  # of what one check saw, as it is kept


def where():
    return reports.HOST if os.environ.get("HOST") else "guest"


def grade(chapter, taken, directory):
    """(exercise, {check name: Verdict}) of all exercises, and remarks. `directory` is gone afterwards, whatever happens."""
    all_ = catalog.exercises(chapter)
    begun = [one for one in all_ if one.file in taken and is_begun(one, taken[one.file])]
    found, remarks = {}, []
    try:
        if begun:
            found, late, records = tried(chapter, begun, taken, directory / "first")
            if not records and any(trial.bouts for trial, _ in found.values()):
                remarks.append("the place ended before it said anything")
            if late:
                found |= tried_again(chapter, late, taken, directory / "second")
        results = [(one, verdicts(one, *found.get(one.id, (None, {})), taken)) for one in all_]
        for one, seen in results:
            mark_lacks(one, seen, directory / "witness")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return results, remarks


def tried(chapter, exercises, taken, directory):
    """Exercise id -> (Trial, records); the exercises of which a bout did not start; all records."""
    place = (places.HostPlace if where() == reports.HOST else places.GuestPlace)(directory)
    trials = prepare(chapter, place, exercises, taken)
    records = place.run([bout for trial in trials.values() for bout in trial.bouts])
    for trial in trials.values():
        place.remember(trial.verdicts(records))
    shutil.rmtree(directory, ignore_errors=True)  # before there is a second one: how much of the disk is taken has a bound
    late = [one for one in exercises if any(not started(bout, records.get(bout.name)) for bout in trials[one.id].bouts)]
    return {name: (trial, records) for name, trial in trials.items()}, late, records


def tried_again(chapter, late, taken, directory):
    """In a new place. Where nothing of the submission's ran before, a bout that does not start is our fault, and no verdict."""
    found, still, records = tried(chapter, late, taken, directory)
    if still and still[0] is late[0]:
        bout = next(bout for bout in found[late[0].id][0].bouts if not started(bout, records.get(bout.name)))
        raise builder.PlaceFault(f"the tests of '{late[0].id}' did not start: {records[bout.name].output[-300:]}")
    return found


def started(bout, record):
    """Did it come to what is tried? It is said how many tests there are before one begins. What has no record was ended by what was tried."""
    if record is None or record.status == 137:
        return True
    return re.match(r"status \d+\n", record.output) is not None if bout.script else re.search(r"^1\.\.\d+$", record.output, re.M) is not None


WITNESSES = {}  # (chapter, exercise id, where) -> check name -> why not even the solution could be tried there


def mark_lacks(one, seen, directory):
    """Of what was skipped, what would be skipped for anybody, and for the same reason: no word of a submission decides that."""
    skipped = {name: why for name, verdict in seen.items() if verdict.result == checks.SKIP and (why := reason(verdict))}
    if skipped and one.kind != "probe":
        key = (one.chapter, one.id, where())
        if key not in WITNESSES:
            WITNESSES[key] = witnessed(one, directory)
        for name in skipped:
            if WITNESSES[key].get(name) == skipped[name]:
                seen[name].result = checks.LACK


def witnessed(one, directory):
    found, _, records = tried(one.chapter, [one], {one.file: one.source.read_text()}, directory)
    return {name: why for name, verdict in found[one.id][0].verdicts(records).items() if verdict.result == checks.SKIP and (why := reason(verdict))}


def reason(verdict):
    """The words of a skip, without numbers; none where the machine may only have been busy."""
    seen = cleaned(verdict.seen)
    return "" if "could not be tried" in seen else re.sub(r"[0-9a-f]*\d[0-9a-f]*", "#", seen)[:200]


def verdicts(one, trial, records, taken):
    if trial is None:
        why = "not handed in" if one.file not in taken else "not begun"
        return {check.name: checks.Verdict(checks.FAIL, why) for check in one.checks}
    return {name: checks.Verdict(found.result, cleaned(found.seen)) for name, found in trial.verdicts(records).items()}


def cleaned(seen):
    """What is kept and shown: nothing of this machine, and not without end."""
    own = {path.name for path in catalog.PROJECT.glob("chapters/[0-9][0-9]-*/*.?pp")}
    if "it does not compile" in seen[:40]:
        seen = clean.compiler(seen[:20000], own)
    return clean.without_machine(clean.text(seen[:20000], lines=60, most=300))[:LONGEST]


def prepare(chapter, place, begun, taken):
    """Exercise id -> Trial."""
    cpp = {one.file for one in begun if one.kind != "probe"}
    shops = {name: builder.Workshop(place.directory / f"shop-{Path(name).stem}", chapter, [name]) for name in cpp}
    return {one.id: Trial(place, one, taken[one.file]).prepare(shops[one.file].build if one.file in shops else None) for one in begun}


def is_begun(exercise, text):
    try:
        return not regions.same(regions.content(text, exercise.id), catalog.stub(exercise))
    except regions.Fault:
        return True  # the trial says what is wrong


def odd_words(chapter, taken):
    """What a person should look at: words that the student's regions have and the project's files have not."""
    own = "".join(path.read_text() for path in catalog.files(chapter).values())
    found = sorted({word for word in ODD_WORDS for text in taken.values() if word in text and word not in own})
    return ["words that no solution needs, look at them: " + ", ".join(found)] if found else []


def reflections(all_, taken):
    """exercise id -> what the student wrote about a hole."""
    found = {}
    for one in all_:
        try:
            region = regions.content(taken.get(one.file, ""), one.id)
        except regions.Fault:
            continue
        words = re.search(r"The hole: ([^?\n]{4,300})", region)
        if one.kind == "hole" and words:
            found[one.id] = clean.line(words[1], 300)
    return found
