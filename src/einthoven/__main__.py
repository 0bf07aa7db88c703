"""`python -m einthoven`: the command line."""

from einthoven.apps.cli import main

main()
