"""The composition root, the processes, and the `healgate` command line."""
