"""What a student has in work/NN-name, and what was seen of it."""
import hashlib
import json
import os
import time
from pathlib import Path

import catalog
import checks
import regions

PROJECT = catalog.PROJECT
WORK = Path(os.environ.get("TINCAN_WORK", PROJECT / "work"))  # elsewhere below the project for tests
STATE = WORK / ".state.json"


class State:
    """What was seen of each exercise: {"05/private": {"text": digest, "verdicts": ..., "hints": [n]}}."""

    def __init__(self):
        self.all = {}
        try:
            found = json.loads(STATE.read_text()) if STATE.exists() else {}
            self.all = {name: seen for name, seen in found.items() if isinstance(seen, dict)}
        except (OSError, ValueError, AttributeError) as error:
            print(f"{STATE.relative_to(PROJECT)} cannot be read ({error}): hints and points are counted from the beginning.\n")

    def of(self, exercise):
        seen = self.all.setdefault(f"{exercise.chapter}/{exercise.id}", {})
        for name, empty in (("hints", list), ("verdicts", dict), ("text", str)):
            if not isinstance(seen.get(name), empty):
                seen[name] = empty()
        return seen

    def save(self):
        """Whole or not at all: an interruption leaves no half of it."""
        STATE.parent.mkdir(exist_ok=True)
        new = STATE.with_suffix(".new")
        new.write_text(json.dumps(self.all, indent=1) + "\n")
        os.replace(new, STATE)

    def remember(self, exercise, verdicts):
        """Its verdicts; and when its text changed last, for the order in which they are shown."""
        text = text_of(file_of(exercise)) if marks_gone(exercise) else own_region(exercise)
        seen, digest = self.of(exercise), hashlib.sha256(text.encode(errors="replace")).hexdigest()
        if seen["text"] != digest or "when" not in seen:
            seen["when"] = time.time()
        seen.update(text=digest, verdicts={name: verdict.result for name, verdict in verdicts.items()})
        if all(verdict.good for verdict in verdicts.values()):
            seen["hints"] = []


def of_chapter(chapter):
    return WORK / catalog.chapter_folder(chapter).name


def file_of(exercise):
    return of_chapter(exercise.chapter) / exercise.file


def shown(path):
    return path.relative_to(PROJECT)


def text_of(path):
    """A file of the student's. What is missing or cannot be read is said, with the way back."""
    try:
        return regions.decoded(path.read_bytes())
    except FileNotFoundError:
        raise catalog.Fault(f"{shown(path)} is not there: make exercise-{path.parent.name[:2]} puts it back, with holes") from None
    except OSError as error:
        raise catalog.Fault(f"{shown(path)} cannot be read: {error.strerror}") from None


def own_region(exercise):
    """What the student has in the region now. regions.Fault if its marks are gone."""
    return regions.content(text_of(file_of(exercise)), exercise.id)


def marks_gone(exercise):
    """What is wrong with the marks of the region; nothing, mostly."""
    try:
        own_region(exercise)
    except regions.Fault as fault:
        return f"{shown(file_of(exercise))}: {fault}"
    return ""


def is_begun(exercise):
    return bool(marks_gone(exercise)) or not regions.same(own_region(exercise), given(exercise))


def given(exercise):
    """The region as it was handed out; in a hand-out the chapter's own source has it."""
    if catalog.is_hand_out(exercise.chapter):
        return regions.content(text_of(exercise.source), exercise.id)
    return catalog.stub(exercise)


def passed(exercise, state):
    seen = state.of(exercise)
    return bool(seen["verdicts"]) and all(result == checks.PASS for result in seen["verdicts"].values())


# --- the working copy, and what is built of it ---------------------------------------------------


def start(chapter):
    """make exercise-NN: what is there already stays."""
    where, all_ = of_chapter(chapter), catalog.exercises(chapter)
    where.mkdir(parents=True, exist_ok=True)
    for name in catalog.files(chapter):
        copy = where / name
        if copy.exists():
            print(f"  kept  {shown(copy)}: it is yours already")
            continue
        copy.write_text(text_with_holes(chapter, name))
        print(f"  new   {shown(copy)}")
    print(f"\n{len(all_)} exercises, {sum(one.points for one in all_)} points. "
          f"What each wants: {shown(catalog.chapter_folder(chapter) / 'exercises.md')}\n")
    for one in all_:
        print(f"  {one.id:<14} {one.points} points  {one.title}  ({one.file})")
    print(f"\nWrite between the marks '// exercise: ...' and '// end of exercise',"
          f"\nleave the marks; then: make check-{chapter}")


def text_with_holes(chapter, name):
    text = text_of(catalog.files(chapter)[name])
    for one in catalog.exercises(chapter):
        if one.file == name:
            text = regions.replaced(text, one.id, given(one))
    return text


def sources(chapter):
    """The student's files; in a hand-out, whose other chapters have holes too, those of the chapters before as well."""
    found = sources_alone(chapter)
    for before in chapters_before(chapter):
        found += [path for path in sources_alone(before) if path.exists()]
    return found


def chapters_before(chapter):
    """Those with holes that the program of this one is made of; none in a repository that has the solutions."""
    return [before for before in catalog.chapters() if before < chapter] if catalog.is_hand_out(chapter) else []


def holes_before(chapter, state):
    """The exercises of those chapters that do not hold yet: "04/flags"."""
    return [f"{before}/{one.id}" for before in chapters_before(chapter) for one in catalog.exercises(before)
            if one.kind != "probe" and not passed(one, state)]


def sources_alone(chapter):
    return [of_chapter(chapter) / name for name in catalog.files(chapter) if name.endswith(".cpp")]


def composed(path, place):
    """A file as it is built: what is not begun is solved, so that nothing but the student's own work decides.

    A hand-out has no solutions; there it stays as it is. For the compiler the lines keep their numbers.
    """
    text = mine = text_of(path)
    for one in catalog.exercises(path.parent.name[:2]):
        if one.file == path.name and not catalog.is_hand_out(one.chapter) and not is_begun(one):
            after = regions.regions(mine)[one.id].end + 1
            solved = regions.content(one.source.read_text(), one.id)
            text = regions.replaced(text, one.id, f'{solved}#line {after} "{shown(path)}"\n')
    copy = place / "source" / path.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(f'#line 1 "{shown(path)}"\n{text}')
    return copy
