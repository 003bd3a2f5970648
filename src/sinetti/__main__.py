"""`python -m sinetti` is the command `sinetti`."""

from sinetti.cli.main import main

if __name__ == "__main__":
    main()
