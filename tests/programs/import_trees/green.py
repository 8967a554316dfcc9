"""A circular import after _thread.get_ident was replaced, as by gevent's monkey.patch_all()."""

import _thread
import colorsys  # so that imports are watched by then, as they are where gevent is imported

native = _thread.get_ident
_thread.get_ident = lambda: native() + 1

import circular

print(circular.other.circular is circular)
