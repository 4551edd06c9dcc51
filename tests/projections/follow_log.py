"""A process that follows the log, for tests that end it: python -m tests.projections.follow_log CONNINFO."""

import sys

from projections.catalogue import READ_MODELS
from projections.engine.runner import run_projections
from tests.projections.shop import CODEC, KEYRING

if __name__ == "__main__":
    run_projections(sys.argv[1], KEYRING, CODEC, READ_MODELS)
