"""When the state is shown: two a second at most, and a round that begins at once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from justeprix.game.competition import Phase
from justeprix.room.refresh import Refresh, Scene

LOBBY, PLAYED, PAUSED = Scene(Phase.LOBBY, 0), Scene(Phase.ROUND, 1), Scene(Phase.PAUSE, 1)
PRACTICE = Scene(Phase.PRACTICE, 0)

scenes = st.sampled_from([LOBBY, PLAYED, PAUSED, Scene(Phase.ROUND, 2), PRACTICE])


def watched(scenes, tick=0.05):
    """Show whatever may be shown, a scene each tick; return when, and which."""
    shows, told = Refresh(), []
    for number, scene in enumerate(scenes):
        if shows.due(scene, number * tick):
            shows.note(scene, number * tick)
            told.append((number * tick, scene))
    return told


@given(st.lists(st.tuples(scenes, st.integers(1, 30)), max_size=20))
def test_never_three_in_a_second(script):
    told = watched([scene for scene, ticks in script for _ in range(ticks)])
    times = [at for at, _ in told]
    assert all(third - first > 0.999 for first, third in zip(times, times[2:], strict=False))


@given(st.integers(1, 100), st.sampled_from([LOBBY, PAUSED]))
def test_a_round_that_begins_is_shown_at_once_whatever_changed_before(ticks, before):
    told = watched([before] * ticks + [Scene(Phase.ROUND, 2)])
    assert told[-1] == (pytest.approx(ticks * 0.05), Scene(Phase.ROUND, 2))


@pytest.mark.parametrize(
    ("scene", "gap"), [(LOBBY, 1.0), (PAUSED, 1.0), (PLAYED, 0.5), (PRACTICE, 0.5)]
)
def test_what_changes_all_the_time_is_shown_now_and_then(scene, gap):
    times = [at for at, _ in watched([scene] * 100)]
    assert times[0] == 0.0
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps == pytest.approx([gap] * len(gaps), abs=0.051)


@pytest.mark.parametrize("waited", range(40, 61))
def test_a_round_that_ends_waits_half_a_second_at_most_unless_it_was_short(waited):
    for played in range(1, 40):
        told = watched([LOBBY] * waited + [PLAYED] * played + [PAUSED] * 20)
        ended = next(at for at, scene in told if scene is PAUSED)
        late = ended - (waited + played) * 0.05
        assert late < (0.51 if played > 20 else 1.0)
