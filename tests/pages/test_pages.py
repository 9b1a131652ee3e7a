"""The engine of all pages: what is missing is an error, colours are one, what is embedded stays data."""

import re

import jinja2
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.collections import LineCollection

import netklynge as nk
from netklynge.language import language
from netklynge.pages.pages import ink, page_environment, page_of, styled


@pytest.mark.parametrize("template", ["map.html", "view.html"])
def test_what_a_page_lacks_is_an_error(template):
    with pytest.raises(jinja2.UndefinedError):
        page_of(template, {}, language("en"))


def test_embedded_data_cannot_leave_its_element():
    template = page_environment(language("en")).from_string("<script>{{ x|embed }}</script>")
    made = template.render(x="</script><b>&\u2028")
    assert made.count("<") == 2


@pytest.mark.parametrize("name", ["page", "view"])
def test_every_page_has_the_same_colours_for_inside_and_outside(name):
    style = styled(name)["style"]
    assert re.findall(r"--in:\s*(#\w+)", style)[0] == ink("in")
    assert re.findall(r"--far:\s*(#\w+)", style)[0] == ink("far")
    assert len(re.findall(r"--(?:buzz|pipeline):\s*#", style)) == 0  # no colour of its own


def test_the_ring_figure_draws_unknown_apart():
    actors = pd.DataFrame(
        {"actor": list("abcd"), "kind": "firm", "scale": ["local", "local", "national", None], "name": list("ABCD")}
    )
    ties = pd.DataFrame({"source": ["a", "a", "a"], "target": ["b", "c", "d"], "layer": "supply"})
    ax = nk.pages.ring_figure(nk.load({"actors": actors, "relations": ties}))
    drawn = {c.get_label(): len(c.get_segments()) for c in ax.collections if isinstance(c, LineCollection)}
    plt.close(ax.figure)
    assert drawn == {"outside (1)": 1, "unknown (1)": 1, "inside (1)": 1}
