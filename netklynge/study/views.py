"""What is made once for each view of a study: measures ask for the same ties and partners again and again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["once_at_any_cut", "once_per_view"]

P = ParamSpec("P")
T = TypeVar("T")


def once_per_view(make: Callable[Concatenate[Study, P], T]) -> Callable[Concatenate[Study, P], T]:
    """Keep what a function of a study gives, for this view of it: same arguments, same answer, made once.

    The other arguments must be hashable. A study is never changed, and a view (another year or cut) is a study of its
    own; so what is kept is never stale. Do not change what you get.

    Examples
    --------
    >>> import netklynge as nk
    >>> @once_per_view
    ... def size(study, least=0):
    ...     print("counted")
    ...     return len(study.actors)
    >>> study = nk.load("horten")
    >>> size(study) == size(study)
    counted
    True
    """
    return _keeping(make, lambda study: study._made)


def once_at_any_cut(make: Callable[Concatenate[Study, P], T]) -> Callable[Concatenate[Study, P], T]:
    """Keep what a function of a study gives for this year at every cut; only for what does not ask where the cut is.

    Examples
    --------
    >>> import netklynge as nk
    >>> @once_at_any_cut
    ... def size(study):
    ...     print("counted")
    ...     return len(study.actors)
    >>> study = nk.load("horten")
    >>> size(study) == size(study.cut("regional"))
    counted
    True
    """
    return _keeping(make, lambda study: study._made_at_any_cut)


def _keeping(
    make: Callable[Concatenate[Study, P], T], store: Callable[[Study], dict[Hashable, Any]]
) -> Callable[Concatenate[Study, P], T]:
    @wraps(make)
    def kept(study: Study, *args: P.args, **kwargs: P.kwargs) -> T:
        key: Hashable = (make, args, tuple(sorted(kwargs.items())))
        made = store(study)
        if key not in made:
            made[key] = make(study, *args, **kwargs)
        return cast(T, made[key])

    return cast("Callable[Concatenate[Study, P], T]", kept)
