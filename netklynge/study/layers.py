"""The layers of ties: one table of what each carries and counts as, so that a new layer is one edit.

The order is the contract's: tables, legends and questionnaires follow it. Texts of questions and the names of looks are
translated in the catalogues of the pages that show them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "BUZZ_LAYERS",
    "COOPERATION",
    "EVENT_LAYERS",
    "INNOVATION_LAYERS",
    "JOINING",
    "KNOWLEDGE_LAYERS",
    "LAYERS",
    "LAYER_TABLE",
    "PIPELINE_LAYERS",
    "TAKING_PART",
    "UNSTATED",
    "Layer",
    "Look",
    "Question",
    "plain_layer",
]


class Question(NamedTuple):
    """How a roster asks for a layer: which way it flows, the heading of its columns, and the question."""

    flow: str
    head: str
    text: str


class Look(NamedTuple):
    """How a layer is drawn: a colour of the palette and a dash."""

    color: str
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Layer:
    """One kind of tie, and everything that depends on which kind it is.

    Parameters
    ----------
    name : str
        As it stands in ``relations.csv``.
    carries : str
        What flows along it, or what it says.
    look : Look
    event : bool
        It happened, and stays told after it did; other ties hold for a time.
    buzz : bool
        People meet in it: inside the district it is a contact.
    pipeline : bool
        It is built on purpose to a chosen partner (Bathelt, Malmberg & Maskell 2004).
    cooperation : bool
        Horizontal cooperation among equals, in the sense of buzz.
    innovation : bool
        Joint work on something new.
    knowledge : bool
        Knowledge passes along it from research and education.
    taking_part : bool
        Who has one to a body takes part in it.
    joining : bool
        Who has one to a body of the innovation system has joined it; being paid by a body is no membership of it.
    questions : tuple of Question
        How a roster asks for it; empty when it is not asked.
    """

    name: str
    carries: str
    look: Look
    event: bool = False
    buzz: bool = False
    pipeline: bool = False
    cooperation: bool = False
    innovation: bool = False
    knowledge: bool = False
    taking_part: bool = False
    joining: bool = False
    questions: tuple[Question, ...] = ()


LAYER_TABLE: tuple[Layer, ...] = (
    Layer(
        "supply",
        "goods, from supplier to customer",
        Look("blue"),
        buzz=True,
        pipeline=True,
        questions=(
            Question("in", "Buys from", "Which of these do you buy goods from?"),
            Question("out", "Sells to", "Which of these do you sell goods to?"),
        ),
    ),
    Layer(
        "rd",
        "joint research and development",
        Look("green", (7, 3)),
        buzz=True,
        pipeline=True,
        cooperation=True,
        innovation=True,
        knowledge=True,
        joining=True,
        questions=(Question("both", "Develops with", "Which of these do you do research or development with?"),),
    ),
    Layer(
        "ownership",
        "control, from owner to owned",
        Look("black", (2, 3)),
        pipeline=True,
        taking_part=True,
        questions=(Question("in", "Owned by", "Which of these own a part of you?"),),
    ),
    Layer("spin_off", "people and ideas, from parent to spin-off", Look("red", (12, 3, 2, 3)), event=True),
    Layer(
        "service",
        "services and advice, from giver to taker",
        Look("orange"),
        buzz=True,
        pipeline=True,
        knowledge=True,
        questions=(Question("in", "Advised by", "Which of these give you services or advice?"),),
    ),
    Layer(
        "funding",
        "money, from giver to taker",
        Look("purple", (7, 3)),
        buzz=True,
        pipeline=True,
        questions=(Question("in", "Funded by", "Which of these fund you?"),),
    ),
    Layer(
        "education",
        "teaching and training",
        Look("sky", (12, 4)),
        buzz=True,
        knowledge=True,
        questions=(Question("both", "Trains with", "Which of these do you work on education or training with?"),),
    ),
    Layer(
        "mobility",
        "people who change jobs",
        Look("red", (4, 3)),
        buzz=True,
        questions=(Question("in", "Hired from", "From which of these have you hired people in the last two years?"),),
    ),
    Layer(
        "membership",
        "taking part in a body",
        Look("sky", (2, 3)),
        buzz=True,
        taking_part=True,
        joining=True,
        questions=(Question("out", "Member of", "Which of these are you a member of, or do you take part in?"),),
    ),
    Layer(
        "informal",
        "talk and advice without a contract",
        Look("orange", (2, 4)),
        buzz=True,
        cooperation=True,
        questions=(
            Question("both", "Talks with", "Which of these do you ask for advice now and then, without a contract?"),
        ),
    ),
    Layer(
        "licence",
        "the right to use, from giver to taker",
        Look("purple", (12, 3, 2, 3)),
        buzz=True,
        pipeline=True,
        cooperation=True,
        innovation=True,
        knowledge=True,
        questions=(Question("in", "Licences from", "Whose licences do you use?"),),
    ),
    Layer(
        "alliance",
        "a lasting partnership",
        Look("red"),
        buzz=True,
        pipeline=True,
        cooperation=True,
        innovation=True,
        knowledge=True,
        taking_part=True,
        joining=True,
        questions=(Question("both", "Partner of", "Which of these do you have a lasting partnership with?"),),
    ),
    Layer(
        "competition",
        "rivalry",
        Look("black", (12, 3, 2, 3, 2, 3)),
        questions=(Question("both", "Competes with", "Which of these do you compete with?"),),
    ),
)
UNSTATED = "unstated"  # the layer of a tie whose layer is blank: a layer of its own, pooled with none


def _with(fact: str) -> tuple[str, ...]:
    return tuple(layer.name for layer in LAYER_TABLE if getattr(layer, fact))


LAYERS = tuple(layer.name for layer in LAYER_TABLE)
EVENT_LAYERS = _with("event")
COOPERATION = _with("cooperation")
PIPELINE_LAYERS = _with("pipeline")
BUZZ_LAYERS = _with("buzz")
INNOVATION_LAYERS = _with("innovation")
KNOWLEDGE_LAYERS = _with("knowledge")
TAKING_PART = _with("taking_part")
JOINING = _with("joining")

OWN_LOOKS = (
    Look("green"),
    Look("purple"),
    Look("sky"),
    Look("blue", (7, 3)),
    Look("orange", (7, 3)),
    Look("red", (7, 3)),
)  # of layers that a study names itself, in the order of study.yaml
RESERVED = ("customer", "all", UNSTATED)  # words that commands take for something else


def plain_layer(text: str) -> str:
    r"""A layer of a study's own as it may be called: one line, at most 60 signs, and no word that commands know.

    Examples
    --------
    >>> plain_layer("  Friends,\nof old "), plain_layer("all")
    ('Friends; of old', 'all (own)')
    """
    plain = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff\s]+", " ", text).strip().replace(",", ";")[:60].strip()
    return f"{plain} (own)" if plain.lower() in RESERVED else plain
