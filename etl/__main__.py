"""`python -m etl` is `gongyak`."""

from etl.cli import main

main()
