"""Text to values by type, and back."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pytest

from jaxplay.cli.values import expected, parse, show
from jaxplay.errors import LONGEST, UserError


@dataclass(frozen=True)
class Small:
    kind: ClassVar[str] = "small"


@dataclass(frozen=True)
class Large:
    kind: ClassVar[str] = "large"


@pytest.mark.parametrize(
    ("text", "hint", "value"),
    [
        ("32", int, 32),
        ("1e-3", float, 1e-3),
        ("3", float, 3.0),
        ("true", bool, True),
        ("cosine", Literal["constant", "cosine"], "cosine"),
        ("none", int | None, None),
        ("7", int | None, 7),
        ("3", int | float | str | bool, 3),
        ("0.5", int | float | str | bool, 0.5),
        ("false", int | float | str | bool, False),
        ("torus", int | float | str | bool, "torus"),
        ("64,32", tuple[int, ...], (64, 32)),
        ("", tuple[int, ...], ()),
        ("3,deep", tuple[int, str], (3, "deep")),
        ("large", Small | Large, Large()),
    ],
)
def test_parse(text: str, hint: Any, value: Any):
    parsed = parse(text, hint, "name")
    assert parsed == value
    assert type(parsed) is type(value)
    assert parse(show(parsed), hint, "name") == parsed


@pytest.mark.parametrize(
    ("text", "hint", "message"),
    [
        ("x", int, "width is 'x'; allowed: INT"),
        ("1.5", int | None, "width is '1.5'; allowed: INT|none"),
        ("1_000", int, "width is '1_000'; allowed: INT"),
        ("\u0661", int, "width is '\u0661'; allowed: INT"),
        ("9" * 5000, int, f"width is '{'9' * (LONGEST - 1)}...; allowed: INT"),
        ("inf", float, "width is 'inf'; allowed: FLOAT"),
        ("nan", float, "width is 'nan'; allowed: FLOAT"),
        ("yes", bool, "width is 'yes'; allowed: true|false"),
        ("cos", Literal["constant", "cosine"], "width is 'cos'; allowed: constant|cosine"),
        ("3", tuple[int, str], "width is '3'; allowed: INT,TEXT"),
        ("3,x", tuple[int, ...], "width is '3,x'; allowed: INT,..."),
        ("smal", Small | Large, "width is 'smal'; did you mean 'small'?"),
    ],
)
def test_errors_name_what_is_allowed(text: str, hint: Any, message: str):
    with pytest.raises(UserError) as caught:
        parse(text, hint, "width")
    assert str(caught.value) == message


def test_expected_names_kinds():
    assert expected(Small | Large | None) == "small|large|none"
