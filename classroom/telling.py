"""What a student is told: how far it is, what the first failure means, the next hint, a bar for each chapter."""
import os
import sys
import textwrap

import attempt
import catalog
import checks
import desk
import regions

SIGNS = {checks.PASS: "ok", checks.FAIL: "NO", checks.SKIP: "?", checks.NONE: "NO"}
BAD = (checks.FAIL, checks.NONE)


def check(chapter):
    """make check-NN."""
    if not desk.of_chapter(chapter).exists():
        sys.exit(f"There is no {desk.shown(desk.of_chapter(chapter))} yet: make exercise-{chapter}")
    state, all_ = desk.State(), catalog.exercises(chapter)
    begun = [one for one in all_ if desk.is_begun(one)]
    try:
        verdicts = attempt.try_all(chapter, begun)
    except attempt.NotBuilt as error:
        sys.exit(f"It does not compile yet. What comes first:\n\n{textwrap.indent(str(error), '  ')}\n"
                 f"Nothing was tried. Mend this first, then again: make check-{chapter}")
    for one in begun:
        state.remember(one, verdicts[one.id])
    state.save()
    newest_first = sorted(begun, key=lambda one: (-state.of(one)["when"], one.number))
    for one in newest_first + [one for one in all_ if one not in begun]:
        print_exercise(one, verdicts.get(one.id))
    conclude(chapter, all_, newest_first, verdicts)
    return all(desk.passed(one, state) for one in all_)


def print_exercise(exercise, verdicts):
    if not verdicts:
        print(f"  --  {exercise.id:<14} {exercise.title}  (not begun)")
        return
    good = all(verdict.good for verdict in verdicts.values())
    sure = not any(verdict.result in BAD for verdict in verdicts.values())
    later = sum(check.points for check in exercise.checks if check.name not in verdicts)
    print(f"  {'ok' if good else '? ' if sure else 'NO'}  {exercise.id:<14} {exercise.title}"
          + (f"  ({later} of its {exercise.points} points are tried when it is graded)" if good and later else ""))
    if good:
        return
    sentences = checks.promises()
    for name, verdict in verdicts.items():
        print(f"        {SIGNS[verdict.result]:<2}  {name}{': ' + sentences[name] if name in sentences else ''}")


def conclude(chapter, all_, begun, verdicts):
    for one in begun:
        for name, verdict in verdicts[one.id].items():
            if verdict.result in BAD:
                return explain(one, name, verdict)
    unknown = {name: verdict.seen for one in begun for name, verdict in verdicts[one.id].items() if verdict.result == checks.SKIP}
    mine = [seen for seen in unknown.values() if seen == attempt.OWN_HOLES]
    if any("could not be tried" in seen for seen in unknown.values()):
        print(f"\nThis machine was too busy to try {', '.join(unknown)}. Again: make check-{chapter}")
    elif mine and len(mine) == len(unknown):
        print(f"\nNot sure: {', '.join(unknown)}. {mine[0].capitalize()}.")
    elif unknown:
        doctor = "" if catalog.is_hand_out(chapter) else "make doctor says why. "
        print(f"\nThis machine cannot show {', '.join(unknown)}. {doctor}In a guest it may: make vm")
    elif len(begun) == len(all_):
        print(f"\nAll of chapter {chapter} holds."
              + ("" if catalog.is_hand_out(chapter) else f" The solutions, to compare: make solution-{chapter} ID=..."))
    if len(begun) < len(all_):
        open_ = next(one for one in all_ if one not in begun)
        print(f"\nNext: {open_.id}, in {desk.shown(desk.file_of(open_))}")


def explain(exercise, name, verdict):
    """The first failure, as a teacher would tell it."""
    parts, sentence = checks.told(verdict.seen), checks.promises().get(name)
    chapter = exercise.chapter
    print(f"\n{exercise.id}: {sentence or name}\n")
    checks.say("what ran", f"the attack {name} on your program" if sentence else f"the test \"{name}\"")
    if parts:
        checks.say("expected", "BLOCKED: the attack fails")
        checks.say("seen", parts["seen"])
    else:
        lines = checks.cleaned(verdict.seen)
        checks.say("seen", lines[0] if lines else "nothing")
        print("".join(f"              {line}\n" for line in lines[1:]), end="")
    if "152" in verdict.seen:
        checks.say("that is", f"152 is 128 + SIGXCPU: {attempt.endless()}")
    holes = desk.holes_before(chapter, desk.State())
    if catalog.is_hand_out(chapter) and any(not desk.is_begun(one) for one in catalog.exercises(chapter)):
        checks.say("mind", "this chapter has other holes still; one of them may be the cause")
    if holes:
        checks.say("mind", f"your program has holes of earlier chapters in it ({', '.join(holes)}); the grader's has not")
    checks.say("matters", exercise.why + "." if exercise.why else "see the exercise's page")
    checks.say("read", exercise.read)
    checks.say("next", f"{desk.shown(desk.file_of(exercise))}; if you are stuck: make hint-{chapter}"
               + (f"; the calls of a start, one by one: make debug-{chapter} MINE=1" if chapter > "02" else ""))


# --- hints, solutions, progress -----------------------------------------------------------------


def hint(chapter):
    state, all_ = desk.State(), catalog.exercises(chapter)
    open_ = [one for one in all_ if not desk.passed(one, state)]
    if not open_:
        print(f"All of chapter {chapter} holds: there is nothing to hint at.")
        return
    begun = [one for one in open_ if desk.of_chapter(chapter).exists() and desk.is_begun(one)]
    one = max(begun, key=lambda e: state.of(e).get("when", 0)) if begun else open_[0]
    seen = state.of(one)
    failed = [name for name, result in seen["verdicts"].items() if result != checks.PASS]
    left = [n for n in range(len(one.hints)) if n not in seen["hints"]]
    if not left:
        print(f"{one.id}: you have seen all {len(one.hints)} hints. Read: {one.read}\n"
              + ("There are no more. Say aloud, to whoever listens, what each line of yours does; then: "
                 f"make check-{chapter}" if catalog.is_hand_out(chapter)
                 else f"Or, at the price of finding it yourself: make solution-{chapter} ID={one.id}"))
        return
    # The one that is about what fails; otherwise the next, from vague to precise.
    fitting = [n for n in left if one.hints[n].about in failed and n <= len(seen["hints"]) + 1]
    number = (fitting or left)[0]
    seen["hints"].append(number)
    state.save()
    print(f"{one.id}, hint {len(seen['hints'])} of {len(one.hints)}:\n")
    print(textwrap.fill(one.hints[number].text, 80, initial_indent="  ", subsequent_indent="  ", break_long_words=False))


def solution(chapter, name):
    state = desk.State()
    if not name:
        sys.exit(f"Of which exercise? make solution-{chapter} ID={catalog.exercises(chapter)[0].id}")
    one = catalog.exercise(chapter, name)
    if catalog.is_hand_out(chapter):
        sys.exit("A hand-out has no solutions.")
    if not desk.passed(one, state) and not os.environ.get("SHOW"):
        sys.exit(f"{one.id} does not hold yet, and a solution that was read cannot be found any more.\n"
                 f"First: make hint-{chapter}. If you want to see it all the same: make solution-{chapter} ID={one.id} SHOW=1")
    print(regions.content(one.source.read_text(), one.id), end="")


def progress():
    state = desk.State()
    for chapter in catalog.chapters():
        all_ = catalog.exercises(chapter)
        done = sum(desk.passed(one, state) for one in all_)
        counted = [points_of(one, state.of(one)["verdicts"]) for one in all_]
        points, later, most = sum(held for held, _ in counted), sum(open_ for _, open_ in counted), sum(one.points for one in all_)
        bar = "#" * (20 * points // most)
        begun = f"{done} of {len(all_)} exercises" if desk.of_chapter(chapter).exists() else f"make exercise-{chapter}"
        print(f"  {catalog.chapter_folder(chapter).name:<18} [{bar:<20}] {str(points):>2} of {most} points, {begun}"
              + (f"; {later} of them tried only when it is graded" if later else ""))


def points_of(exercise, results):
    """(points, of which not tried here) of an exercise, counted as the grader does: from check name -> result.

    Robustness, and the sentence about a hole, count where the function is complete. What cannot be tried at a
    desk, hidden tests for one, counts along with an exercise whose other checks all pass.
    """
    here = {check.name: results.get(check.name) == checks.PASS for check in exercise.checks if attempt.is_here(exercise, check.name)}
    complete = all(here[check.name] or results.get(check.name) == checks.SKIP
                   for check in exercise.checks if check.name in here and not check.robust and check.name != catalog.SAID)
    held = sum(check.points for check in exercise.checks if here.get(check.name)
               and (complete or not check.robust and check.name != catalog.SAID))
    later = sum(check.points for check in exercise.checks if check.name not in here) if here and all(here.values()) else 0
    return held + later, later
