"""Charts drawn on the server as SVG: no script, no style attribute, and each with its table beside it.

A chart shows what its table says; it is hidden from who cannot see it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 720
HEIGHT = 180
LEFT = 44
BOTTOM = 22
TOP = 12
LINES = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One value: its place below the axis, and what is said on hover."""

    label: str
    value: float
    title: str


def nice(highest: float) -> float:
    """A round number not below ``highest``, for the top of an axis: its quarters are whole, as counts are."""
    highest, size = max(highest, LINES), 1.0
    while size * 10 <= highest:
        size *= 10
    return next(step * size for step in (2, 4, 8, 12) if step * size >= highest)


def bars(values: Sequence[Bar], number: Callable[[float], str]) -> Markup:
    """A bar for each value; ``number`` writes what stands beside the axis."""
    top = nice(max((bar.value for bar in values), default=0))
    wide = (WIDTH - LEFT) / max(1, len(values))
    parts = [_axis(top, number)]
    every = max(1, len(values) // 8)
    for place, bar in enumerate(values):
        tall = (HEIGHT - BOTTOM - TOP) * bar.value / top
        x, y = LEFT + place * wide, HEIGHT - BOTTOM - tall
        parts.append(
            Markup('<rect class="bar-main" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1.5">').format(
                x + wide * 0.12, y, wide * 0.76, tall
            )
            + Markup("<title>{}</title></rect>").format(bar.title)
        )
        if place % every == 0:
            at = Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
            parts.append(at.format(x + wide / 2, HEIGHT - 6, bar.label))
    frame = Markup('<svg class="chart" viewBox="0 0 {} {}" aria-hidden="true">').format(WIDTH, HEIGHT)
    return frame + Markup("").join(parts) + Markup("</svg>")


def _axis(top: float, number: Callable[[float], str]) -> Markup:
    drawn = Markup("")
    for step in range(LINES + 1):
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * step / LINES
        line = Markup('<line class="axis" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, WIDTH, y, y)
        text = Markup('<text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
            LEFT - 6, y + 4, number(top * step / LINES)
        )
        drawn += line + text
    return drawn
