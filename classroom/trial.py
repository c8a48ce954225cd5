"""One exercise in one state of its text, tried: from the text to a verdict for each check.

    trial = Trial(place, exercise, text)            # the student's file, or a stub, or the solution
    trial.prepare(build)                            # build(name, file, text) -> (program, warnings)
    records = place.run([bout for trial in trials for bout in trial.bouts])
    trial.verdicts(records)                         # check name -> Verdict
"""
import re
import secrets

import builder
import catalog
import checks
import probes
import regions
import seal


ENDED = {None: "it was not tried to an end: it ended the place that it was tried in, or took all of its time",
         137: "it was stopped: its time was over, it began processes without an end, or it killed its own tests"}
# What no place that is safe can show (docs/instructor.md): nobody makes a node in a user namespace.
NOT_HERE = {
    "DEV-02": "it cannot be judged here: in a user namespace nobody makes a node",
    "CAP-09-MKNOD": "it cannot be judged here: in a user namespace nobody makes a node",
    "--share leaves out the one that is named, and no other": "it cannot be judged here: the mount namespace is never the tests' own",
    "--seccomp none has no filter": "it cannot be judged here: there is always the grader's own",
}
NOT_SOUND = "it counts once the probe ends with 0 in the sound program"


class Trial:
    def __init__(self, place, exercise, text, name=None):
        self.place, self.exercise, self.text = place, exercise, text
        self.name = name or exercise.id
        self.bouts, self.targets, self.key, self.fault = [], {}, b"", ""

    def prepare(self, build):
        """Builds and plans. A fault of the student's is a verdict, and no error of ours."""
        try:
            region = regions.content(self.text, self.exercise.id)
            if self.exercise.kind == "probe":
                self.plan_probe()
            else:
                self.plan_program(self.place.program_directory(self.name, self.exercise.chapter, self.give_probe), build)
        except regions.Fault as fault:
            self.fault = str(fault)
        except builder.NoBuild as error:
            self.fault = "it does not compile: " + builder.first_error(str(error))
        else:
            self.region = region
        return self

    def give_probe(self, copy):
        self.key = seal.give_key(builder.BUILD / "probe", copy)

    def plan_program(self, directory, build):
        program, _ = build(self.name, self.exercise.file, catalog.with_one(self.exercise, self.text))
        self.place.add_strange(program, directory)
        found = {check.name: checks.test_of(self.exercise.chapter, check.name) for check in self.exercise.checks if check.name != catalog.SAID}
        missing = [name for name, test in found.items() if test is None]
        if missing:
            raise catalog.Fault(f"{self.exercise.id}: there is no promise or test '{missing[0]}'")
        for hidden in (False, True):
            tests = [test for test in found.values() if checks.is_hidden(test[1]) == hidden]
            if tests:
                self.bouts.append(self.place.bout(f"{self.name}{'.hidden' if hidden else ''}", programs=self.name, hidden=hidden,
                                                  file=tests[0][1],
                                                  titles=[title for title, _ in tests], seconds=20 + 8 * len(tests)))

    def plan_probe(self):
        """A place for each time that it is tried in a program; nothing there tells which one it is, nor how often it was."""
        targets = [target for target in probes.reference_targets(self.exercise, builder.BUILD / "work/probes") for _ in range(3 if target[2] == "sound" else 2)]
        for status, program, check in secrets.SystemRandom().sample(targets, len(targets)):
            name = f"{self.name}.{secrets.token_hex(4)}"
            directory, target = self.place.programs / name, f"chapter-{self.exercise.chapter}"
            # Not to be compared. From chapter 06 on the script has no way to it; and a process whose file cannot be read
            # belongs to the machine's root, who alone may then write the id maps of its children, proc(5).
            self.place.add(program, directory, target, 0o111 if self.exercise.chapter < "06" else 0o755)
            (directory / "probe.sh").write_text(self.text)
            (directory / "probe.sh").chmod(0o644)
            bout = self.place.bout(name, programs=name, script="probe.sh", target=target, root="build/root" if program.name >= "chapter-05" else "", seconds=30)
            self.bouts.append(bout)
            self.targets.setdefault(check, (status, []))[1].append(bout)

    # --- and then ---------------------------------------------------------------------------------

    def verdicts(self, records):
        if self.fault:
            return {check.name: checks.Verdict(checks.FAIL, self.fault) for check in self.exercise.checks}
        if self.exercise.kind == "probe":
            return self.probe_verdicts(records)
        results, evidence, ended = {}, "", "the tests ended before this one"
        for bout in self.bouts:
            record = records.get(bout.name)
            if record is None or record.status in ENDED:
                ended = ENDED[record.status if record else None]
                continue
            found = checks.read_tap(record.output)
            if not found and not bout.hidden:
                ended += ": " + record.output[-300:]
            results.update(found)
            evidence += record.evidence
        proven = seal.Proof(self.key, evidence)
        return {check.name: self.verdict(check.name, results, proven, ended) for check in self.exercise.checks}

    def probe_verdicts(self, records):
        """What it catches counts if it knows what is sound."""
        found = {name: always([probe_verdict(status, records.get(bout.name)) for bout in all_]) for name, (status, all_) in self.targets.items()}
        sound = "sound" not in found or found["sound"].good
        for name, verdict in found.items():
            if not sound and verdict.good:
                found[name] = checks.Verdict(checks.FAIL, NOT_SOUND)
        missing = checks.Verdict(checks.NONE, "it was not tried: this is not here")
        return {check.name: found.get(check.name, missing) for check in self.exercise.checks}

    def verdict(self, name, results, proven, ended):
        if name == catalog.SAID:
            return checks.said(self.exercise, self.region)
        test = checks.test_of(self.exercise.chapter, name)
        found = results.get(test[0] if test else name)
        if found is None:
            return checks.Verdict(checks.NONE, ended)
        if name in NOT_HERE:
            return checks.Verdict(checks.LACK, NOT_HERE[name])
        if found.good and checks.is_sealed(name) and not proven.of(name, checks.seal_of(name)):
            return checks.Verdict(checks.NONE, "the test passed, but the probe never said so: something answered in its place")
        return found


def always(verdicts):
    """Right each time: who tosses a coin is right once."""
    bad = next((verdict for verdict in verdicts if not verdict.good), None)
    if bad and any(verdict.good for verdict in verdicts):
        return checks.Verdict(bad.result, f"in the same program it was right, and another time not: {bad.seen}")
    return bad or verdicts[0]


def probe_verdict(wanted, record):
    """From the first line of classroom/probe-once.sh, which is above what it tries."""
    said = re.match(r"status (\d+)\n", record.output) if record else None
    if not said:
        return checks.Verdict(checks.NONE, ENDED.get(record.status if record else None) or f"it ended before it was tried: {record.output[-300:]}")
    if int(said[1]) == wanted:
        return checks.Verdict(checks.PASS)
    ended = "a time limit, 20 s" if said[1] in ("124", "137") else said[1]
    return checks.Verdict(checks.FAIL, f"it has to end with {wanted} there, and ended with {ended}\n{record.output[said.end():]}")
