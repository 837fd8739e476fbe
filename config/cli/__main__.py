"""`python -m config.cli`, the same as `hotline`."""

import sys

from config.cli.group import main

sys.exit(main())
