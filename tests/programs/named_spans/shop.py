"""Functions of every kind, none of which knows of mptrace."""


def price(item):
    """Return what an item costs."""
    return len(item)


class Basket:
    """Holds items."""

    size = 3

    def __init__(self):
        self.items = []

    def add(self, item):
        """Put an item in, and return what it costs."""
        self.items.append(item)
        return price(item)

    @classmethod
    def of(cls, *items):
        """Return a basket that holds items."""
        basket = cls()
        for item in items:
            basket.add(item)
        return basket

    @staticmethod
    def empty():
        """Return an empty basket."""
        return Basket()

    def fail(self):
        """Raise KeyError."""
        raise KeyError("basket")


async def deliver(basket):
    """Return how much was delivered."""
    return len(basket.items)
