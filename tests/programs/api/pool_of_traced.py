"""Send a traced function and a traced method to the workers of a spawn pool."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from mptrace import traced


@traced
def double(number: int) -> int:
    return 2 * number


class Model:
    @traced
    def grow(self, by: int) -> int:
        return 10 + by


if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        print(list(pool.map(double, [1, 2])), list(pool.map(Model().grow, [1, 2])))
