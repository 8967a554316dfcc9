"""A main module that a debugger stops in, and whose lines are counted. It starts a child with the same main module."""

import multiprocessing

TABLE = {
    "one": 1,
    "two": [
        number
        for number in range(3)
    ],
}


def double(number):
    """Return twice *number*."""
    if number > 100:
        return 0
    return number * 2


class Counter:
    """Counts."""

    total = 0
    for value in TABLE["two"]:
        total += value


doubled = []
for number in range(4):
    if number == 1:
        continue
    doubled.append(double(number))
try:
    doubled[17]
except IndexError:
    failed = True
else:
    failed = False

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=double, args=(3,))
    process.start()
    process.join()
    print(doubled, failed, Counter.total, process.exitcode)
