"""Mutants, one after the other in each of several places."""
import threading
import time

from judge import NONE


class Queue:
    """Numbers for several places, each with a thread: until so many are judged, or the time is over."""

    def __init__(self, judge, places, numbers, wanted, tell, deadline=float("inf")):
        self.judge, self.places, self.numbers, self.wanted, self.tell = judge, places, iter(numbers), wanted, tell
        self.deadline = deadline
        self.verdicts, self.lock, self.stopped = [], threading.Lock(), False

    def next(self):
        with self.lock:
            proper = sum(verdict.result != NONE for verdict in self.verdicts)
            over = self.stopped or proper >= self.wanted or time.monotonic() > self.deadline
            return None if over else next(self.numbers, None)

    def work(self, place):
        while (number := self.next()) is not None:
            verdict = self.judge.judge(place, number)
            with self.lock:
                if not self.stopped:
                    self.verdicts.append(verdict)
                    self.tell(number, verdict)

    def run(self):
        threads = [threading.Thread(target=self.work, args=(place,)) for place in self.places]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)  # so that signals are heard
        return self.verdicts
