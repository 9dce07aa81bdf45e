"""A tree as named arrays on the host, and back; what two trees disagree in."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxplay.errors import UserError

Named = dict[str, np.ndarray]
Shapes = dict[str, list[Any]]
"""`[shape, dtype]` by name, as JSON has it."""


def named(tree: Any) -> dict[str, Any]:
    """The leaves of `tree` by path, such as `learners.0.params.stem.kernel`."""
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in leaves}


def to_host(tree: Any) -> Named:
    """Copies of the leaves that no donation can take away; typed keys as their data."""
    data = {name: jax.random.key_data(x) if _is_key(x) else x for name, x in named(tree).items()}
    return {name: np.array(x) for name, x in jax.device_get(data).items()}


def from_host(arrays: Mapping[str, Any], abstract: Any) -> Any:
    """The tree of the form of `abstract` (shapes) with the leaves that `to_host` gave."""
    leaves = [_device_leaf(arrays[name], like) for name, like in named(abstract).items()]
    return jax.tree.unflatten(jax.tree.structure(abstract), leaves)


def _device_leaf(array: Any, like: Any) -> Any:
    leaf = jnp.array(array)
    return jax.random.wrap_key_data(leaf, dtype=like.dtype) if _is_key(like) else leaf


def _is_key(leaf: Any) -> bool:
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def shapes(tree: Any) -> Shapes:
    """Shape and dtype of each leaf."""
    return {name: [list(x.shape), str(x.dtype)] for name, x in named(tree).items()}


def check_shapes(stored: Shapes, wanted: Shapes, where: str) -> None:
    """Raise a `UserError` that names the first leaf in which the two differ."""
    for name in sorted(stored.keys() | wanted.keys()):
        if stored.get(name) != wanted.get(name):
            has, wants = (_tell(part.get(name)) for part in (stored, wanted))
            raise UserError(f"{where} does not fit the configuration: {name} is {has}, {wants} is wanted")


def _tell(entry: list[Any] | None) -> str:
    return "nothing" if entry is None else f"{entry[1]}{entry[0]}"
