from stopwatch import wait, work


class Meta(type):
    def __new__(mcls, name, bases, namespace, letter):
        work(letter, 4)
        return super().__new__(mcls, name, bases, namespace)


class One:  # [a]
    attribute = wait("a", 3)

    class Inner:
        attribute = wait("a", 3)

    for _ in range(3):
        work("a", 1)


class Two(One, metaclass=Meta, letter="b"):  # [b]
    attribute = wait("b")


wait("c")  # [c]
