"""`daybook`, also as `python -m daybook`: sees that the packages are ours before it imports any of them."""

import sys

from daybook.ownership import ForeignPackage, check_packages


def main() -> None:
    """Run the command line."""
    try:
        check_packages()
    except ForeignPackage as error:
        sys.exit(f"Error: {error}")
    from daybook.cli.main import main as command_line  # noqa: PLC0415  (only once it is known whose packages these are)

    command_line(prog_name="daybook")


if __name__ == "__main__":
    main()
