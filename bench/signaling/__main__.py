"""`python -m bench.signaling [PART…]`: some parts of the benchmark, printed as they go."""

import sys

from bench.report import write_report
from bench.signaling.parts import PARTS, run

unknown = [name for name in sys.argv[1:] if name not in PARTS]
if unknown:
    sys.exit(f"No part {', '.join(unknown)}. There is: {', '.join(PARTS)}.")
sys.exit(0 if write_report("signaling", run(sys.argv[1:])) else 1)
