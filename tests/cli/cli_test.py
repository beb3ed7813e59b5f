#!/usr/bin/env python3
"""The command line against CLI.md's contract: `cli_test.py PATH-OF-TCONV [-v] [-k PATTERN]`."""
import unittest

import support
from files import *  # noqa: F401,F403  the test cases
from plans import *  # noqa: F401,F403
from refusals import *  # noqa: F401,F403
from values import *  # noqa: F401,F403

if __name__ == '__main__':
    support.main()
    unittest.main()
