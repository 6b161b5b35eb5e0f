"""`python -m clientbase`: the same as the `clientbase` command."""

from clientbase.cli import main

main()
