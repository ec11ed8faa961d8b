"""A line of text as PP-OCRv4 text recognition takes it, and its answer as text again.

    text_line.py draw TEXT PICTURE.png TENSOR.npy     draws, shows the picture on the terminal
    text_line.py read MODEL.onnx SCORES.npy           decodes the model's scores

The tensor is float32 [1, 3, 48, width] in [-1, 1]. The scores are [1, steps, classes]: class 0 is
CTC's blank, class i the i-th line of the model's `character` property, the last one a space.
"""

import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFont

HEIGHT = 48
MIN_WIDTH = 320
FONT = "DejaVuSans.ttf"


def draw(text, height=HEIGHT, width=None):
    """A grey picture of `text`, black on white; as wide as the text needs, or shrunk to `width`."""
    size = height * 2 // 3
    while True:
        font = ImageFont.truetype(FONT, size)
        left, top, right, bottom = font.getbbox(text)
        needed = right - left + height // 2
        if width is None or needed <= width or size <= 6:
            break
        size -= 1
    width = width or max(MIN_WIDTH, -(-needed // 8) * 8)
    picture = Image.new("L", (width, height), 255)
    x = height // 4 - left
    y = (height - (bottom - top)) // 2 - top
    ImageDraw.Draw(picture).text((x, y), text, font=font, fill=0)
    return picture


def to_tensor(picture):
    """float32 [1, 3, height, width] in [-1, 1]."""
    grey = np.asarray(picture, np.float32) / 127.5 - 1.0
    return np.repeat(grey[None, None], 3, axis=1)


def decode(scores, characters):
    """The text of scores [steps, classes]: best class a step, repeats and blanks dropped."""
    best = scores.argmax(axis=1)
    kept = [
        index for step, index in enumerate(best) if index and (step == 0 or index != best[step - 1])
    ]
    return "".join(characters[index - 1] for index in kept).strip()


def characters_of(model_path):
    """The characters that the model's classes 1, 2, ... stand for."""
    import onnx

    properties = onnx.load(model_path, load_external_data=False).metadata_props
    listed = next(entry.value for entry in properties if entry.key == "character")
    return listed.splitlines() + [" "]


def terminal_art(picture, columns=100):
    """The picture in half blocks, two rows a line of text."""
    picture = picture.crop((0, 6, picture.width, picture.height - 6))
    rows = max(2, picture.height * columns // picture.width // 2 * 2)
    ink = np.asarray(picture.resize((columns, rows), Image.LANCZOS)) < 160
    glyphs = " ▀▄█"
    return "\n".join(
        "".join(glyphs[top + 2 * bottom] for top, bottom in zip(ink[row], ink[row + 1])).rstrip()
        for row in range(0, rows, 2)
    )


def main(arguments):
    match arguments:
        case ["draw", text, picture_path, tensor_path]:
            picture = draw(text)
            picture.save(picture_path)
            np.save(tensor_path, to_tensor(picture))
            print(terminal_art(picture))
        case ["read", model_path, scores_path]:
            print(decode(np.load(scores_path)[0], characters_of(model_path)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
