"""Gender where the source states it, in the words of the stores' countries; never inferred."""

from functools import lru_cache

from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair

_WORDS = {
    "female": "f female w weiblich frau woman femme féminin femenino femenina mujer feminino feminina mulher k kobieta kadın donna femmina babae 女 女性 여 여성 여자 أنثى γυναίκα หญิง महिला",
    "male": "m male männlich mann man homme masculin masculino hombre homem mężczyzna erkek uomo maschio lalaki 男 男性 남 남성 남자 ذكر άνδρας ชาย पुरुष",
    "other": "x d other divers diverse nonbinary non-binary nb autre otro outro その他 其他 기타",
}
_GENDERS = {word: gender for gender, words in _WORDS.items() for word in words.split()}


@lru_cache(maxsize=1_024)
def clean_gender(text: str) -> Cleaned[str | None]:
    """``female``, ``male`` or ``other``; an unread word is emptied and flagged ``unknown``."""
    mended = repair(text).casefold().strip(".")
    if not mended or is_placeholder(mended) and mended not in _GENDERS:
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    gender = _GENDERS.get(mended)
    if gender is None:
        return Cleaned(None, "unknown", ("unknown",))
    return Cleaned(gender, None if gender == text else "gender_words")
