"""What judging needs to know, made once for a state of the tree and kept below build/mutation: the sites, the
programs that have them all, and which test comes past which.
"""
import hashlib
import pickle
import shutil
import threading

from tried import FAULTS, UNIT, Outcome, Place, faulty_calls, switched, titles_in, unit_titles
from slots import BUILD, PROJECT, Slot, chapter_numbers, checks, run
from write import Combined, all_sites

KEPT = BUILD / "mutation"
PROGRAMS, SOME_PROGRAMS = KEPT / "programs", KEPT / "some"
FINDERS = ("source", "sites", "kinds", "flags", "listed", "forms", "write")
SOURCES = ("chapters/*/*.[ch]pp", "common/*.[ch]pp", "tests/mutation/switch.?pp", *(f"tests/mutation/{name}.py" for name in FINDERS))
UNITS = ("tests/unit/*",)
SUPPORT = ("tests/support/*.bash", "tests/support/host_side/*", "tests/support/hostile/*", "tests/probe/*")
TOGETHER = 10  # tests, in one start of bats
SOME_TESTS = 400  # seconds for them: then something hangs


def digest(*patterns):
    made = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in PROJECT.glob(pattern) if path.is_file() and path.suffix != ".pyc"}):
        made.update(f"{path.relative_to(PROJECT)}\0".encode() + path.read_bytes())
    return made.hexdigest()[:16]


def hashed(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept(name, state, make):
    """What `make` gave for this state of the tree, now or before."""
    path = KEPT / f"{name}.pickle"
    if path.exists():
        before, value = pickle.loads(path.read_bytes())
        if before == state:
            return value
    value = make()
    keep(name, state, value)
    return value


def keep(name, state, value):
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.pickle").write_bytes(pickle.dumps((state, value)))


def found():
    """All sites."""
    return kept("found", digest(*SOURCES), all_sites)


def make_programs(everything, wanted, where):
    """Makes the programs that have the sites of the numbers `wanted`, in `where`: the numbers that none can switch on."""
    slot = Slot("all", "mutation")
    slot.make_ready()
    combined = Combined(slot, everything, wanted, kept("dropped", "", set))
    combined.build()
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    for name in [*(f"chapter-{number}" for number in chapter_numbers()), UNIT]:
        run(["strip", "-o", where / name, slot.tree / "build" / name], check=True)
    return combined.dropped


def programs(everything):
    """Those that have all sites, in PROGRAMS: the numbers of those that none can switch on."""
    def build():
        print("building the programs", flush=True)
        dropped = make_programs(everything, range(len(everything)), PROGRAMS)
        keep("dropped", "", {everything[number].key() for number in dropped})  # so it is not found out once more
        return dropped

    return kept("programs", digest(*SOURCES, *UNITS), build)


# --- which test comes past which site ------------------------------------------------------------


class Coverage:
    """Runs every test of a file once, and notes what it reaches."""

    def __init__(self, place, count):
        self.place, self.count = place, count
        self.found, self.left_out = {}, []  # test -> (milliseconds, numbers); (test, why)

    def put(self):
        names = [f"chapter-{number}" for number in chapter_numbers()] + [UNIT]
        self.place.put({name: switched(PROGRAMS, name, reached="/tmp/reached") for name in names})
        reached = self.place.tmp / "reached"
        reached.write_bytes(bytes(self.count))
        reached.chmod(0o666)

    def of(self, file, titles):
        self.put()
        if file == UNIT:
            outcome = self.place.noting_units(titles, SOME_TESTS)
            for number, title in enumerate(titles):
                self.add((UNIT, title), outcome.results.get(title, ("not ok", 0)), (self.place.tmp / "seen" / str(number)).read_bytes())
            return self.found, self.left_out
        if file == FAULTS:
            outcome = Outcome()
            self.place.faults(titles[0], outcome)
            self.add((FAULTS, titles[0]), outcome.results.get(titles[0], ("not ok", 0)), (self.place.tmp / "reached").read_bytes())
            return self.found, self.left_out
        outcome = self.place.noting(file, titles, SOME_TESTS)
        for title_file in sorted((self.place.tmp / "seen").glob("*.title")):
            title = title_file.read_text()
            if title in outcome.results:
                self.add((file, title), outcome.results[title], title_file.with_suffix("").read_bytes())
        print(f"{file}: {len(self.found)} of {len(titles)} tests hold", flush=True)
        return self.found, self.left_out

    def add(self, test, result, reached):
        verdict, took = result
        if verdict == "ok":
            self.found[test] = took, [number for number, byte in enumerate(reached) if byte]
        else:
            self.left_out.append((test, verdict))


def tests(places, count, files):
    """(test -> (milliseconds, numbers), [(test, why it is left out)]) of these files, and of the unit tests."""
    waiting = [(UNIT, unit_titles(PROGRAMS / UNIT)), *((FAULTS, [call]) for call in faulty_calls())]
    for file in sorted(files, reverse=True):
        titles = titles_in(file)
        waiting += [(file, titles[start:start + TOGETHER]) for start in range(0, len(titles), TOGETHER)]
    found, left_out, lock, support = {}, [], threading.Lock(), digest(*SOURCES, *SUPPORT)

    def work(place):
        while True:
            with lock:
                if not waiting:
                    return
                file, titles = waiting.pop(0)
            # Of a file, what these tests can see: another test may change.
            together = {UNIT: UNITS, FAULTS: ("tests/faults/*",)}.get(file)
            text = digest(*together) if together else checks.cut((PROJECT / "tests" / file).read_text(), titles)
            name, state = f"tests-{file}-{hashed(titles[0])}", support + hashed(text)
            one, out = kept(name, state, lambda: Coverage(place, count).of(file, titles))
            with lock:
                found.update(one)
                left_out.extend(out)

    in_threads(work, places)
    return found, left_out


def as_noticed(everything, noticed):
    """As tests(), and none is run: a test is taken to come past all of a file in which it has noticed something."""
    by_file = {}
    for number, site in enumerate(everything):
        by_file.setdefault(site.file, []).append(number)
    reached = {}
    for (file, *_), test in noticed.items():
        reached.setdefault(test, set()).update(by_file.get(file, ()))
    return {test: (10 if test[0] == UNIT else 3000, sorted(numbers)) for test, numbers in reached.items()}


def in_threads(work, items):
    threads = [threading.Thread(target=work, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def make_places(many):
    places = [Place(number + 1) for number in range(many)]
    in_threads(Place.make_ready, places)
    return places
