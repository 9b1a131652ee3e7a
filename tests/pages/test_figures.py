"""Figures: what is drawn is what is measured, in both languages and in every format."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

import netklynge as nk
from netklynge.district.pipelines import partner_counts
from netklynge.findings import NetklyngeError
from netklynge.pages import figures


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_bars_are_as_long_as_the_published_shares():
    ax = figures.link_location_bars(nk.load("kongsberg"), "rd")
    # table 8.1: Kongsberg's innovation partners, 30 10 20 40 per cent
    assert [round(bar.get_width(), 2) for bar in ax.patches[:4]] == [0.3, 0.1, 0.2, 0.4]
    with pytest.raises(NetklyngeError, match="no ties"):
        figures.link_location_bars(nk.load("horten"), "competition")


def test_corners_of_the_triangle_are_the_types():
    assert figures.triangle({"small_firm": 0, "hub_and_spoke": 1, "satellite": 0}) == (0, 0)
    assert figures.triangle({"small_firm": 0, "hub_and_spoke": 0, "satellite": 1}) == (1, 0)
    nowhere = figures.triangle({"small_firm": 0, "hub_and_spoke": 0, "satellite": 0})
    assert nowhere == pytest.approx((0.5, np.sqrt(3) / 6))
    x, y = figures.triangle({"small_firm": 0.5, "hub_and_spoke": 0.5, "satellite": 0.5})
    assert (x, y) == pytest.approx((0.5, np.sqrt(3) / 6))


def test_the_boundary_curve_shows_the_memberships():
    study = nk.load("kongsberg")
    ax = figures.boundary_curve(study)
    lines = {line.get_label(): line.get_ydata() for line in ax.lines[:4]}
    assert lines["satellite district"][0] == pytest.approx(nk.classify(study).memberships["satellite"])
    assert len({line.get_marker() for line in ax.lines[:4]}) == 4
    assert len({line.get_linestyle() for line in ax.lines[:4]}) == 4


def test_the_time_line_of_raufoss_passes_from_the_state_to_hubs():
    ax = figures.time_line(nk.load("raufoss"), [1985, 2005])
    lines = {line.get_label(): line.get_ydata() for line in ax.lines[:4]}
    assert lines["state-anchored district"][0] > 0.5 > lines["state-anchored district"][1]
    assert lines["hub-and-spoke district"][1] == max(line[1] for line in lines.values())  # open, but first of the four


def test_the_distribution_counts_every_actor_inside():
    study = nk.load("raufoss")
    ax = figures.distribution(study)
    assert sum(bar.get_height() for bar in ax.patches) == len(study.insiders)
    assert max(bar.get_x() + bar.get_width() / 2 for bar in ax.patches) == partner_counts(study)["outside"].max()


def test_the_alluvial_shows_every_tie_in_force():
    study = nk.load("horten")
    ax = figures.alluvial(study)
    told = [text.get_text() for text in ax.texts]
    assert "supply (39)" in told
    assert f"unknown ({int(study.ties()['scale'].isna().sum())})" in told


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_figures_save_in_every_format_and_in_norwegian(suffix, tmp_path):
    ax = figures.boundary_curve(nk.load("kongsberg"), lang="nb")
    assert "satellittdistrikt" in {t.get_text() for t in ax.get_legend().get_texts()}
    ax.figure.savefig(tmp_path / f"figure.{suffix}")
    assert (tmp_path / f"figure.{suffix}").stat().st_size > 1000


def test_rings_and_ternary_draw_every_study():
    study = nk.load("horten")
    ax = figures.ring_figure(study, "supply")
    drawn = sum(len(c.get_offsets()) for c in ax.collections if hasattr(c, "get_sizes"))
    assert drawn == study.graph("supply").number_of_nodes()
    ax = figures.ternary(study, number=50)
    assert {"Kongsberg", "Raufoss"} <= {t.get_text() for t in ax.texts}
