"""The pictures in the documentation are of the sizes that a page bears."""

import pytest

from bot.quiet import ROOT

PICTURES = sorted((ROOT / "docs" / "images").glob("*"))


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_picture_is_small_and_shown(picture):
    assert picture.stat().st_size < 200_000
    assert f"docs/images/{picture.name}" in (ROOT / "README.md").read_text(encoding="utf8")
