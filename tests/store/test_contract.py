"""The contract of every store, once, over every implementation."""

from __future__ import annotations

import pytest

from justeprix.errors import CommitError, ProtocolError
from justeprix.game.records import Rows, SessionRow
from justeprix.store import Store
from tests.support.rows import ADA, BEA, game, guess, put, seated, session


class TestContract:
    """`store/contract.py`, clause by clause."""

    def test_reserve_gives_ascending_ids_and_never_one_twice(self, store: Store) -> None:
        given = [id for count in (1, 5, 1, 100) for id in store.reserve(count)]
        assert len(given) == 107
        assert given == sorted(set(given))

    def test_what_was_committed_comes_back(self, store: Store) -> None:
        rules = {"ordinal": 1, "low": -5, "high": 10**12 - 1, "secret": 7, "nonce": "ab" * 16}
        hello = session(1, ADA, name="Zoé l'Ours")
        put(store, hello, game(10, 1, **rules), guess(10, 1, -5, 1), guess(10, 2, 9, 1))
        saved = store.resume(ADA)
        assert saved is not None
        assert saved[:2] == (1, 2)
        assert saved[2:6] == (ADA, "Zoé l'Ours", 2, 9)
        back = saved.game
        assert (back.id, back.ordinal, back.secret, back.nonce) == (10, 1, 7, "ab" * 16)
        assert (back.bounds.low, back.bounds.high) == (-5, 10**12 - 1)
        assert (back.guesses, back.found) == (2, False)

    def test_a_session_without_a_guess_comes_back(self, store: Store) -> None:
        seated(store)
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.name) == (0, None, "Joueur 1")
        assert (saved.game.guesses, saved.game.found) == (0, False)

    def test_a_won_game_comes_back_won(self, store: Store) -> None:
        seated(store, 1, ADA, 50, 42)
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.game.guesses, saved.game.found) == (2, 42, 2, True)

    def test_the_last_game_comes_back_with_its_own_count(self, store: Store) -> None:
        seated(store, 1, ADA, 50, 42)
        second = game(11, 1, ordinal=2, first_seq=3, secret=9)
        put(store, second, guess(11, 3, 80, 1))
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.game.ordinal, saved.game.guesses) == (3, 80, 2, 1)
        put(store, game(12, 1, epoch=2, ordinal=3, first_seq=4))
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.game.ordinal, saved.game.guesses) == (3, None, 3, 0)

    def test_guesses_before_the_token_count(self, store: Store) -> None:
        late = game(10, 1, first_seq=3, before=2)
        put(store, session(1, ADA), late, guess(10, 3, 80, 1))
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.game.guesses) == (3, 80, 3)
        assert store.recall(1, 2) is None

    def test_a_step_may_have_nothing_but_what_is_logged(self, store: Store) -> None:
        alone = Rows(logged=[7, 1, 42, 50])
        assert alone
        assert not store.commit(alone, 1000)

    def test_sessions_do_not_mix(self, store: Store) -> None:
        seated(store, 1, ADA, 50)
        seated(store, 2, BEA, 1, 2, 3)
        ada, bea = store.resume(ADA), store.resume(BEA)
        assert ada is not None
        assert bea is not None
        assert ((ada.id, ada.seq), (bea.id, bea.seq)) == ((1, 1), (2, 3))

    def test_a_later_row_of_a_session_replaces_the_earlier(self, store: Store) -> None:
        seated(store)
        put(store, session(1, ADA, name="Ada"))
        put(store, session(1, ADA, name="Ada B"))
        saved = store.resume(ADA)
        assert saved is not None
        assert saved.name == "Ada B"

    def test_each_resume_raises_the_epoch(self, store: Store) -> None:
        seated(store)
        epochs = [saved.epoch for saved in map(store.resume, [ADA] * 3) if saved]
        assert epochs == [2, 3, 4]

    def test_an_older_epoch_stores_nothing_and_the_rest_is_stored(self, store: Store) -> None:
        seated(store, 1, ADA, 50)
        seated(store, 2, BEA)
        store.resume(ADA)
        stale = [session(1, ADA, name="Eve", ended=True), game(11, 1, ordinal=2, first_seq=2)]
        stale += [guess(10, 2, 60, 1), guess(11, 2, 60, 1)]
        fenced = put(store, *stale, session(2, BEA, name="Bea"), guess(20, 1, 7, 2))
        assert fenced == {(1, 1)}
        ada, bea = store.resume(ADA), store.resume(BEA)
        assert ada is not None
        assert bea is not None
        assert (ada.name, ada.seq, ada.game.ordinal) == ("Joueur 1", 1, 1)
        assert (bea.name, bea.seq, bea.last) == ("Bea", 1, 7)
        assert store.recall(1, 2) is None

    @pytest.mark.parametrize("row", [session(1, ADA), game(11, 1, ordinal=2), guess(10, 1, 5, 1)])
    def test_each_kind_of_row_is_fenced(self, store: Store, row: SessionRow) -> None:
        seated(store)
        store.resume(ADA)
        assert put(store, row) == {(1, 1)}

    def test_the_new_epoch_may_store(self, store: Store) -> None:
        seated(store)
        store.resume(ADA)
        assert not put(store, session(1, ADA, epoch=2), guess(10, 1, 5, 1, epoch=2))
        assert store.recall(1, 1) == (5, 42)

    def test_any_past_guess_is_recalled_with_its_secret(self, store: Store) -> None:
        seated(store, 1, ADA, 50, 42)
        second = game(11, 1, ordinal=2, first_seq=3, secret=9)
        put(store, second, guess(11, 3, 80, 1), guess(11, 4, 9, 1))
        seated(store, 2, BEA, 77)
        recalled = [store.recall(1, seq) for seq in range(6)]
        assert recalled == [None, (50, 42), (42, 42), (80, 9), (9, 9), None]
        assert store.recall(2, 1) == (77, 42)
        assert store.recall(3, 1) is None

    def test_a_past_guess_is_recalled_whatever_rounds_were_missed(self, store: Store) -> None:
        ordinals = (2, 3, 7, 8, 9, 31)
        games = [
            game(10 + n, 1, ordinal=ordinal, first_seq=2 * n + 1, secret=n)
            for n, ordinal in enumerate(ordinals)
        ]
        guesses = [guess(10 + seq // 2, seq + 1, 50 + seq, 1) for seq in range(2 * len(games))]
        put(store, session(1, ADA), *games, *guesses)
        recalled = [store.recall(1, seq + 1) for seq in range(len(guesses) + 1)]
        assert recalled == [*((50 + seq, seq // 2) for seq in range(len(guesses))), None]

    def test_a_seq_is_stored_once_and_a_second_takes_its_step_down(self, store: Store) -> None:
        seated(store, 1, ADA, 50)
        seated(store, 2, BEA)
        with pytest.raises(CommitError):
            put(store, guess(20, 1, 7, 2), guess(10, 1, 51, 1))
        assert store.recall(1, 1) == (50, 42)
        assert store.recall(2, 1) is None
        assert not put(store, guess(20, 1, 7, 2))

    def test_two_sessions_cannot_have_one_token(self, store: Store) -> None:
        seated(store, 1, ADA)
        with pytest.raises(CommitError):
            put(store, session(2, ADA), game(20, 2))

    def test_an_ended_session_is_refused(self, store: Store) -> None:
        seated(store, 1, ADA, 50)
        put(store, session(1, ADA, ended=True))
        for _ in range(2):
            with pytest.raises(ProtocolError) as refused:
                store.resume(ADA)
            assert refused.value.code == "finie"
        assert store.recall(1, 1) == (50, 42)

    def test_an_unknown_token_is_nobody(self, store: Store) -> None:
        put(store, session(1), game(10, 1))
        assert store.resume(b"never seen") is None

    def test_names_are_those_who_may_return(self, store: Store) -> None:
        named = [("old", 1, 500), ("Ada", 2, 1000), ("Bea", 3, 2000)]
        rows = [session(id, bytes([id]), name=name, seen_at=at) for name, id, at in named]
        gone = session(4, b"4", name="gone", ended=True)
        put(store, *rows, gone, session(5))
        assert [player.name for player in store.names(1000)] == ["Bea", "Ada"]

    def test_an_empty_step_stores_nothing(self, store: Store) -> None:
        assert put(store) == frozenset()

    def test_closing_twice_is_closing_once(self, store: Store) -> None:
        store.close()
        store.close()
