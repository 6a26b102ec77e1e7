"""What cleaners remember is bounded in texts and in their length."""

from include.cleaning.remembered import LONGEST, remembered


def test_a_text_that_comes_again_is_answered_from_memory_and_a_long_one_anew():
    asked = []

    @remembered
    def size(text, times):
        asked.append(len(text))
        return len(text) * times

    short, long = "a" * LONGEST, "a" * (LONGEST + 1)
    assert [size(text, 2) for text in (short, short, long, long)] == [2 * len(text) for text in (short, short, long, long)]
    assert asked == [LONGEST, LONGEST + 1, LONGEST + 1]
