"""Pictures from outside, opened in a process of its own: made upright, without what the camera wrote, and smaller.

The process answers one request (`geo/reading_process.py`); what it makes lies in the folder afterwards, under the names
of `SIZES`. What others than staff get are bytes that our own encoder wrote: nothing hidden in a picture goes with it.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from domain.errors import Invalid
from geo.reading_process import Json, ReadingLimits, answer_request, process_answer

MODULE: Final = "geo.pictures"
#: Size → points of the longer side at most; None: as many as it has.
SIZES: Final[dict[str, int | None]] = {"original": None, "large": 1920, "medium": 960, "small": 320}
#: Points of a picture; those of the largest cameras of telephones are 200 million, sent as 50 or fewer.
MOST_PIXELS: Final = 120_000_000
LIMITS: Final = ReadingLimits(memory_bytes=2 << 30, cpu_s=60, wall_s=90.0, answer_bytes=512 << 20)
#: Media type → how Pillow calls it, and how an original without what the camera wrote is saved.
FORMATS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "image/jpeg": ("JPEG", {"quality": 90}),
    "image/png": ("PNG", {"compress_level": 4}),
    "image/webp": ("WEBP", {"quality": 90, "method": 2}),
}
#: Smaller ones are JPEG whatever the original is: all readers show it, papers and posters too.
SMALLER: Final[dict[str, Any]] = {"format": "JPEG", "quality": 82, "progressive": True, "optimize": True}
SMALLER_TYPE: Final = "image/jpeg"
_WHITE: Final = (255, 255, 255)


def make_pictures(path: Path, media_type: str, folder: str) -> dict[str, dict[str, object]]:
    """Makes every size of a picture in the folder; width and height of each.

    Raises: Invalid where it cannot be opened, has too many points, or takes more than the limits.
    """
    request = {"path": str(path), "name": "file", "format": FORMATS[media_type][0], "media_type": media_type}
    answer: dict[str, dict[str, object]] = process_answer(MODULE, request | {"limits": asdict(LIMITS)}, folder, LIMITS)
    return answer


def answer(request: Json) -> Json:
    """Opens a picture and writes its sizes into the working folder."""
    from PIL import Image, ImageFile, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # our own bound speaks, by name
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image: Any = Image.open(request["path"], formats=[request["format"]])
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise Invalid("picture_too_large", "file", width=width, height=height, most=MOST_PIXELS)
        image.load()
        image = ImageOps.exif_transpose(image)
    except (MemoryError, Invalid):
        raise
    except Exception as fault:  # of a file from outside a decoder may raise anything
        raise Invalid("picture_unreadable", "file") from fault
    return _written(image, request["media_type"])


def _written(image: Any, media_type: str) -> Json:
    """Every size, the largest first: each is made of the one before."""
    sizes = {}
    profile = image.info.get("icc_profile")
    image = _plain(image, has_alpha=media_type != SMALLER_TYPE)
    saved_as, options = FORMATS[media_type]
    for name, most in SIZES.items():
        if most is not None:
            image = _plain(image, has_alpha=False)
            image.thumbnail((most, most), reducing_gap=3.0)
            saved_as, options = SMALLER["format"], {key: value for key, value in SMALLER.items() if key != "format"}
        colours = {} if profile is None else {"icc_profile": profile}
        image.save(name, format=saved_as, **options, **colours)
        sizes[name] = {"width_px": image.width, "height_px": image.height}
    return sizes


def _plain(image: Any, *, has_alpha: bool) -> Any:
    """The same points in red, green and blue, and nothing written beside them. Without alpha they lie on white."""
    from PIL import Image

    is_clear = "A" in image.getbands() or "transparency" in image.info
    if is_clear and has_alpha:
        image = image.convert("RGBA")
    elif is_clear:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, _WHITE)
        white.paste(image, mask=image.getchannel("A"))
        image = white
    else:
        image = image.convert("RGB")
    image.info = {}
    return image


if __name__ == "__main__":
    answer_request(answer)
