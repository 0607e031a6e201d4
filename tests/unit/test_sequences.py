"""Sequences weigh as they do in scikit-learn, of which what was learnt before was made."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.sequences import Letters, Words

TEXTS = ["How much is it", "how much does it cost?", "I'm 45, does it hurt", "a b", "it's how it is", "How  MUCH\nis it is it"]
ASKED = [*TEXTS, "", "🙂", "x", "howhowhow much", "كم يكلف العلاج", "x" * 2000, "never seen"]
KINDS = {
    Letters: {"analyzer": "char_wb", "ngram_range": (2, 4)},
    Words: {"analyzer": "word", "token_pattern": r"[\w']+", "ngram_range": (1, 2)},
}


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_those_of_scikit_learn(kind):
    theirs = TfidfVectorizer(min_df=2, sublinear_tf=True, **KINDS[kind]).fit(TEXTS)
    ours = kind.fit(TEXTS)
    assert ours.names == theirs.get_feature_names_out().tolist()
    assert np.allclose(ours.rows(ASKED).toarray(), theirs.transform(ASKED).toarray())


@pytest.mark.parametrize("kind", KINDS)
def test_company_changes_nothing(kind):
    ours = kind.fit(TEXTS)
    together = ours.rows(ASKED).toarray()
    assert all(np.array_equal(ours.rows([text]).toarray()[0], row) for text, row in zip(ASKED, together, strict=True))
