"""Draws the sample week's pictures: `pip install pillow`, then `python3 draw.py`.

Flat shapes in one warm palette, drawn four times too large and reduced, then
quantised so that each file stays small enough for a mail.
"""

import math
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
OVERSAMPLE = 4

INK, NIGHT, DUSK = "#20242b", "#2e3a44", "#465a63"
CREAM, PAPER, SAND, DUNE = "#f7ecd9", "#efdcbc", "#dfbf90", "#c79a66"
CLAY, RUST, AMBER, SEA = "#a9552f", "#8c3a24", "#e8a94c", "#5d8688"


class Canvas:
    """A drawing surface measured in the pixels of the finished picture."""

    def __init__(self, width, height, ground):
        self.size = (width, height)
        self.image = Image.new("RGB", (width * OVERSAMPLE, height * OVERSAMPLE), ground)
        self.draw = ImageDraw.Draw(self.image)

    def shape(self, colour, *points):
        self.draw.polygon([(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points], fill=colour)

    def box(self, colour, left, top, right, bottom):
        self.shape(colour, (left, top), (right, top), (right, bottom), (left, bottom))

    def oval(self, colour, x, y, rx, ry=None):
        ry = rx if ry is None else ry
        corners = [(x - rx) * OVERSAMPLE, (y - ry) * OVERSAMPLE, (x + rx) * OVERSAMPLE, (y + ry) * OVERSAMPLE]
        self.draw.ellipse(corners, fill=colour)

    def stroke(self, colour, width, *points):
        scaled = [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points]
        self.draw.line(scaled, fill=colour, width=round(width * OVERSAMPLE), joint="curve")

    def save(self, name, colours):
        small = self.image.resize(self.size, Image.LANCZOS)
        flat = small.quantize(colours, method=Image.MEDIANCUT, dither=Image.Dither.NONE)
        flat.save(HERE / name, optimize=True)


def arch(left, right, spring, apex, foot):
    """The outline of a pointed arch: two curves that rise from `spring` to `apex`."""
    middle, half = (left + right) / 2, (right - left) / 2
    rise = [(half * (1 - t**2.3), (spring - apex) * t) for t in (i / 40 for i in range(41))]
    left_side = [(middle - x, spring - y) for x, y in rise]
    right_side = [(middle + x, spring - y) for x, y in reversed(rise)]
    return [(left, foot), *left_side, *right_side, (right, foot)]


def wave(width, level, height, length, shift):
    """A swell across the whole picture, as the upper edge of a shape."""
    return [(x, level + height * math.sin((x + shift) / length)) for x in range(0, width + 1, 4)]


def dhow(canvas, x, y, size):
    canvas.shape(
        INK,
        (x - 60 * size, y - 14 * size),
        (x + 70 * size, y - 22 * size),
        (x + 44 * size, y + 12 * size),
        (x - 40 * size, y + 12 * size),
    )
    canvas.stroke(INK, 4 * size, (x - 4 * size, y), (x + 4 * size, y - 120 * size))
    canvas.shape(
        CREAM, (x - 52 * size, y - 34 * size), (x + 30 * size, y - 150 * size), (x + 46 * size, y - 40 * size)
    )


def coffee_pot(canvas, x, y):
    """A long-beaked Gulf coffee pot whose foot stands at (x, y)."""
    canvas.shape(
        INK,
        (x - 34, y),
        (x + 34, y),
        (x + 13, y - 62),
        (x + 27, y - 100),
        (x - 27, y - 100),
        (x - 13, y - 62),
    )
    canvas.shape(INK, (x - 25, y - 98), (x + 25, y - 98), (x + 4, y - 132), (x - 4, y - 132))
    canvas.oval(INK, x, y - 136, 6)
    canvas.shape(
        INK,
        (x - 14, y - 62),
        (x - 44, y - 80),
        (x - 62, y - 104),
        (x - 82, y - 120),
        (x - 58, y - 116),
        (x - 40, y - 102),
        (x - 20, y - 92),
    )
    bend = [math.radians(angle) for angle in range(-100, 101, 5)]
    canvas.stroke(INK, 8, *[(x + 24 + 34 * math.cos(a), y - 58 + 38 * math.sin(a)) for a in bend])
    canvas.box(AMBER, x - 15, y - 66, x + 15, y - 61)


def lead():
    """An open door on a calm sea; inside, coffee has been put out for two."""
    c = Canvas(1280, 720, NIGHT)
    c.box(DUSK, 0, 0, 1280, 34)
    c.box(INK, 0, 520, 1280, 720)
    for x in range(-900, 2200, 155):
        c.stroke("#292f37", 3, (640 + (x - 640) * 0.42, 520), (x, 720))

    c.shape(DUSK, *arch(388, 892, 250, 54, 520))
    opening = arch(420, 860, 258, 92, 520)
    view = Canvas(1280, 720, PAPER)
    view.box(CREAM, 0, 0, 1280, 190)
    view.box(SAND, 0, 300, 1280, 400)
    view.oval(CLAY, 640, 340, 116)
    view.box(SEA, 0, 392, 1280, 520)
    for row, half in ((404, 96), (420, 70), (436, 84), (454, 44), (472, 58), (492, 26)):
        view.box(AMBER, 640 - half, row, 640 + half, row + 4)
    dhow(view, 760, 402, 0.62)
    mask = Image.new("L", c.image.size, 0)
    ImageDraw.Draw(mask).polygon([(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in opening], fill=255)
    c.image.paste(view.image, mask=mask)

    c.shape(PAPER, (420, 520), (860, 520), (1120, 720), (160, 720))
    c.shape(SAND, (500, 520), (780, 520), (930, 720), (350, 720))
    for outer, inner in ((420, 262), (860, 1018)):
        c.shape(RUST, (outer, 170), (inner, 118), (inner, 596), (outer, 520))
        lean = (inner - outer) / 158
        for top, bottom in ((0.10, 0.46), (0.54, 0.90)):
            panel = []
            for along, down in ((24, top), (134, top), (134, bottom), (24, bottom)):
                upper = 170 - 52 * along / 158
                lower = 520 + 76 * along / 158
                panel.append((outer + lean * along, upper + (lower - upper) * down))
            c.shape(CLAY, *panel)
        c.oval(AMBER, inner - lean * 14, 352, 7)

    c.oval(DUNE, 640, 668, 196, 30)
    c.oval(AMBER, 640, 654, 190, 30)
    c.oval("#d8953a", 640, 652, 172, 24)
    coffee_pot(c, 640, 654)
    for x in (528, 752):
        c.shape(CREAM, (x - 20, 622), (x + 20, 622), (x + 12, 658), (x - 12, 658))
        c.oval(RUST, x, 622, 20, 5)
    c.save("../columns/tehran-drops-two-words.png", 64)


def security():
    """A tanker and a patrol boat pass below a low sun."""
    c = Canvas(304, 202, PAPER)
    c.box(CREAM, 0, 0, 304, 58)
    c.oval(AMBER, 196, 92, 50)
    c.box(SAND, 0, 112, 304, 202)
    c.shape(INK, (28, 92), (214, 92), (226, 84), (240, 84), (226, 122), (40, 122))
    c.box(CREAM, 42, 62, 72, 92)
    c.box(INK, 46, 67, 68, 71)
    c.box(RUST, 50, 46, 62, 62)
    for x in (98, 126, 154, 182):
        c.box(NIGHT, x, 84, x + 16, 92)
    c.stroke(INK, 2, (140, 92), (140, 66))
    c.shape(SEA, *wave(304, 116, 2.5, 14, 0), (304, 202), (0, 202))
    c.shape(CREAM, (126, 142), (236, 142), (222, 164), (142, 164))
    c.shape(RUST, (134, 154), (229, 154), (222, 164), (142, 164))
    c.shape(CREAM, (168, 142), (176, 126), (202, 126), (206, 142))
    c.box(NIGHT, 178, 130, 199, 136)
    c.stroke(INK, 2, (188, 126), (188, 106))
    c.shape(CLAY, (188, 106), (206, 110), (188, 115))
    c.shape(DUSK, *wave(304, 158, 3, 12, 20), (304, 202), (0, 202))
    c.shape(NIGHT, *wave(304, 182, 3, 16, 8), (304, 202), (0, 202))
    c.save("security.png", 48)


def lobbying():
    """Tall columns in evening light, and the shadow of a visitor with a case."""
    c = Canvas(304, 202, SAND)
    c.box(PAPER, 0, 26, 304, 160)
    c.box(RUST, 0, 0, 304, 14)
    c.box(CLAY, 0, 14, 304, 26)
    for left in (12, 74, 136, 198, 260):
        c.box(CREAM, left - 5, 26, left + 37, 35)
        c.box(CREAM, left, 35, left + 32, 154)
        for groove in (5, 13, 21):
            c.box(PAPER, left + groove, 41, left + groove + 4, 150)
        c.box(DUNE, left + 27, 35, left + 32, 154)
        c.box(CREAM, left - 5, 152, left + 37, 160)
        c.shape(DUNE, (left - 5, 160), (left + 37, 160), (left - 17, 202), (left - 63, 202))
    c.box(NIGHT, 106, 70, 136, 160)
    c.shape(INK, (106, 160), (136, 160), (92, 202), (56, 202))
    c.oval(INK, 186, 74, 9)
    c.shape(
        INK,
        (174, 88),
        (198, 88),
        (203, 132),
        (196, 134),
        (195, 176),
        (187, 176),
        (186, 138),
        (185, 176),
        (177, 176),
        (176, 134),
        (169, 132),
    )
    c.box(RUST, 197, 128, 221, 146)
    c.stroke(RUST, 2, (204, 128), (204, 124), (214, 124), (214, 128))
    c.shape(INK, (177, 175), (195, 175), (150, 202), (128, 202))
    c.save("lobbying.png", 48)


def pylon(canvas, x, foot, height, colour):
    """One lattice mast; returns the tips of its lower arms, where wires hang."""
    unit = height / 100
    canvas.stroke(
        colour, 2.4 * unit, (x - 16 * unit, foot), (x - 4 * unit, foot - 62 * unit), (x, foot - 100 * unit)
    )
    canvas.stroke(
        colour, 2.4 * unit, (x + 16 * unit, foot), (x + 4 * unit, foot - 62 * unit), (x, foot - 100 * unit)
    )
    canvas.stroke(
        colour,
        1.6 * unit,
        (x - 14 * unit, foot - 8 * unit),
        (x + 7 * unit, foot - 44 * unit),
        (x - 5 * unit, foot - 62 * unit),
    )
    canvas.stroke(
        colour,
        1.6 * unit,
        (x + 14 * unit, foot - 8 * unit),
        (x - 7 * unit, foot - 44 * unit),
        (x + 5 * unit, foot - 62 * unit),
    )
    for level, reach in ((64, 30), (82, 22)):
        canvas.stroke(
            colour,
            2.4 * unit,
            (x - reach * unit, foot - level * unit),
            (x + reach * unit, foot - level * unit),
        )
    return (x - 30 * unit, foot - 64 * unit), (x + 30 * unit, foot - 64 * unit)


def wire(canvas, start, end, sag):
    points = [
        (start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t + sag * 4 * t * (1 - t))
        for t in (i / 24 for i in range(25))
    ]
    canvas.stroke(INK, 1, *points)


def energy():
    """A line of masts walks over the dunes to the sea."""
    c = Canvas(304, 202, AMBER)
    c.box("#edb75f", 0, 0, 304, 46)
    c.oval(CREAM, 88, 104, 34)
    c.box(SEA, 0, 112, 304, 160)
    c.shape(DUNE, *[(x, 130 - 14 * math.sin(x / 62 + 0.4)) for x in range(0, 305, 4)], (304, 202), (0, 202))
    masts = [(60, 132, 42), (122, 146, 72), (224, 176, 138)]
    tips = [pylon(c, x, foot, height, INK) for x, foot, height in masts]
    for near, far in zip(tips[1:], tips):
        for side in (0, 1):
            wire(c, far[side], near[side], 5)
    for side, height in ((0, 54), (1, 66)):
        wire(c, tips[-1][side], (330, height), 7)
        wire(c, (-20, 104 + 4 * side), tips[0][side], 2)
    c.shape(CLAY, *[(x, 172 - 16 * math.sin(x / 70 - 1.1)) for x in range(0, 305, 4)], (304, 202), (0, 202))
    c.shape(RUST, *[(x, 192 - 10 * math.sin(x / 54 + 1.8)) for x in range(0, 305, 4)], (304, 202), (0, 202))
    c.save("energy.png", 48)


if __name__ == "__main__":
    for draw in (lead, security, lobbying, energy):
        draw()
