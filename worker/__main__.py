"""`python -m worker`: the same as `healgate`, for processes that the supervisor starts."""

from worker.cli import main

main()
