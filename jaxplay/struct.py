"""`@pytree`: the one way to define state.

A pytree class is a frozen dataclass whose fields JAX may trace. Fields made with `static()` are
part of the tree's structure instead: hashable, compared when a function is compiled.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any, TypeVar, dataclass_transform

import jax

T = TypeVar("T")

replace = dataclasses.replace


def static(**options: Any) -> Any:
    """A field that is structure, not data: hashable and the same for a whole batch."""
    return dataclasses.field(metadata={"static": True}, **options)


@dataclass_transform(field_specifiers=(dataclasses.field, static), frozen_default=True)
def pytree(cls: type[T]) -> type[T]:
    """Make `cls` a frozen dataclass and a JAX pytree whose leaves keep their field names.

    Unflattening bypasses `__init__`, because JAX also puts objects that are not arrays
    (`None`, `ShapeDtypeStruct`, axis numbers) into trees of this class.
    """
    cls = dataclasses.dataclass(frozen=True)(cls)
    fields = dataclasses.fields(cls)  # pyright: ignore[reportArgumentType]
    data = tuple(f.name for f in fields if not f.metadata.get("static"))
    meta = tuple(f.name for f in fields if f.metadata.get("static"))

    def flatten(tree: T) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        return tuple(getattr(tree, n) for n in data), tuple(getattr(tree, n) for n in meta)

    def flatten_with_keys(tree: T) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        keyed = tuple((jax.tree_util.GetAttrKey(n), getattr(tree, n)) for n in data)
        return keyed, tuple(getattr(tree, n) for n in meta)

    def unflatten(aux: tuple[Any, ...], children: Iterable[Any]) -> T:
        tree = object.__new__(cls)
        for name, child in zip(data, children, strict=True):
            object.__setattr__(tree, name, child)
        for name, value in zip(meta, aux, strict=True):
            object.__setattr__(tree, name, value)
        return tree

    jax.tree_util.register_pytree_with_keys(cls, flatten_with_keys, unflatten, flatten)
    return cls
