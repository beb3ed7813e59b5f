"""The machine, the build, and how many threads are used."""

from __future__ import annotations

import json
from typing import Any, Optional

from . import _library as lib
from ._terms import number

_MOST_THREADS = 4096
_default: Optional[int] = None  # None: what the library says


def threads_of(threads: Optional[int]) -> int:
    """The number for a plan: the caller's, else that of set_num_threads(); 0 leaves it to the library."""
    if threads is None:
        return _default or 0
    count = number("threads", threads)
    if not 1 <= count <= _MOST_THREADS:
        raise ValueError(f"threads is {count}, but must be from 1 to {_MOST_THREADS}; leave it out to use all CPUs")
    return count


def set_num_threads(threads: Optional[int]) -> None:
    """Sets how many threads calls and new plans use where they do not say: 1 to 4096.

    None: again what TCONV_NUM_THREADS says, or the CPUs this process may run on. Results do not depend on it, to the
    bit. Raises ValueError and TypeError for other numbers.

    >>> set_num_threads(2)
    >>> get_num_threads()
    2
    >>> set_num_threads(None)
    """
    global _default
    _default = None if threads is None else threads_of(threads)


def get_num_threads() -> int:
    """How many threads are used where a call does not say."""
    return _default or int(lib.LIBRARY.tconv_num_threads())


def info() -> dict[str, Any]:
    """Build and machine, as `tconv info --json` tells them; and the path of the library in use.

    >>> sorted(info())
    ['abi', 'available_isas', 'caches', 'cpu', 'isa', 'library', 'schema_version', 'threads', 'version']
    """
    told: dict[str, Any] = json.loads(lib.text_of(lib.LIBRARY.tconv_info))
    return {**told, "threads": get_num_threads(), "library": str(lib.LIBRARY._name)}


def methods(of: str = "scatter") -> list[str]:
    """The names that `method=` takes, in the order in which they are tried: of "scatter" (transposed convolution),
    "gather" (convolution) or "weight_grad".

    >>> "direct" in methods() and "reference" in methods("gather")
    True
    """
    passes = ["scatter", "gather", "weight_grad"]
    if of not in passes:
        raise ValueError(f"there is no pass {of!r}; use one of {', '.join(passes)}")
    return ["auto", *lib.text_of(lib.LIBRARY.tconv_method_names, passes.index(of)).split(",")]
