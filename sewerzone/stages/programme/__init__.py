"""The programme (年度別整備計画): work packages, their years under yearly caps, tanks beside them."""

from sewerzone.stages.programme.packages import divide, scores, served
from sewerzone.stages.programme.places import areas, package_of_houses, sewers
from sewerzone.stages.programme.rows import late_verdicts, programme, tanks, years_table
from sewerzone.stages.programme.years import Timed, build, curve, works

__all__ = [
    "Timed", "areas", "build", "curve", "divide", "late_verdicts", "package_of_houses", "programme", "scores", "served",
    "sewers", "tanks", "works", "years_table",
]  # fmt: skip
