"""One exercise in one state of its text, tried: from the text to a verdict for each check.

    trial = Trial(place, exercise, text)            # the student's file, or a stub, or the solution
    trial.prepare(build)                            # build(name, file, text) -> (program, warnings)
    records = place.run([bout for trial in trials for bout in trial.bouts])
    trial.verdicts(records)                         # check name -> Verdict
"""
import shutil

import builder
import catalog
import checks
import probes
import regions
import seal


ENDED = {None: "it was not tried: what was tried before it spoiled the place", 99: "it changed the files of the tests",
         137: "it was stopped: its time was over, or it killed its own tests"}


class Trial:
    def __init__(self, place, exercise, text, name=None):
        self.place, self.exercise, self.text = place, exercise, text
        self.name = name or exercise.id
        self.bouts, self.key, self.fault = [], b"", ""

    def prepare(self, build):
        """Builds and plans. A fault of the student's is a verdict, and no error of ours."""
        try:
            region = regions.content(self.text, self.exercise.id)
            directory = self.place.program_directory(self.name, self.exercise.chapter, self.give_probe)
            if self.exercise.kind == "probe":
                self.plan_probe(directory)
            else:
                self.plan_program(directory, build)
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
        shutil.copy2(program, directory / program.name)
        found = {check.name: checks.test_of(self.exercise.chapter, check.name) for check in self.exercise.checks if check.name != catalog.SAID}
        missing = [name for name, test in found.items() if test is None]
        if missing:
            raise catalog.Fault(f"{self.exercise.id}: there is no promise or test '{missing[0]}'")
        for hidden in (False, True):
            tests = [test for test in found.values() if checks.is_hidden(test[1]) == hidden]
            if tests:
                self.bouts.append(self.place.bout(f"{self.name}{'.hidden' if hidden else ''}", programs=self.name, hidden=hidden,
                                                  pattern=checks.pattern_of(title for title, _ in tests),
                                                  files=sorted({file for _, file in tests}), seconds=20 + 8 * len(tests)))

    def plan_probe(self, directory):
        targets = []
        for status, program, check in probes.reference_targets(self.exercise, builder.BUILD / "work/probes"):
            copy = directory / f"{program.parent.name}-{program.name}"
            if not copy.exists():
                self.place.lend(program, copy)
            targets.append((status, copy.name, check))
        (directory / self.exercise.file).write_text(self.text)
        self.bouts.append(self.place.bout(self.name, programs=self.name, script=self.exercise.file, targets=targets, seconds=60))

    # --- and then ---------------------------------------------------------------------------------

    def verdicts(self, records):
        if self.fault:
            return {check.name: checks.Verdict(checks.FAIL, self.fault) for check in self.exercise.checks}
        results, evidence, ended = {}, "", "the tests ended before this one"
        for bout in self.bouts:
            record = records.get(bout.name)
            if record is None or record.status in ENDED:
                ended = ENDED.get(record.status if record else None)
                continue
            found = checks.read_tap(record.output)
            if not found and not bout.hidden:
                ended += ": " + record.output[-300:]
            results.update(found)
            evidence += record.evidence
        proven = seal.sealed(self.key, evidence) if self.key else set()
        return {check.name: self.verdict(check.name, results, proven, ended) for check in self.exercise.checks}

    def verdict(self, name, results, proven, ended):
        if name == catalog.SAID:
            return checks.said(self.exercise, self.region)
        test = checks.test_of(self.exercise.chapter, name)
        found = results.get(test[0] if test else name)
        if found is None:
            return checks.Verdict(checks.NONE, ended)
        if found.good and checks.is_sealed(name) and checks.seal_of(name) not in proven:
            return checks.Verdict(checks.NONE, "the test passed, but the probe never said so: something answered in its place")
        return found
