"""``python -m sewerzone``."""

from sewerzone.cli import main

if __name__ == "__main__":
    main()
