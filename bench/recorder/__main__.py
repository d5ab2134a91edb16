"""`python -m bench.recorder [PART…]`: some parts of the benchmark, printed as they go."""

import sys

from bench.recorder.parts import PARTS, run
from bench.report import write_report

unknown = [name for name in sys.argv[1:] if name not in PARTS]
if unknown:
    sys.exit(f"No part {', '.join(unknown)}. There is: {', '.join(PARTS)}.")
sys.exit(0 if write_report("recorder", run(sys.argv[1:])) else 1)
