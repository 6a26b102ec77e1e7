"""The words of field names by language: each means what it stands under, and an export's names tell their language."""

import pytest

from suki.proposing import tongues
from suki.proposing.names import read_name, spoken_in
from suki.proposing.proposal import propose
from suki.proposing.roles import role_of
from tests.unit.suki.proposing_world import taken_for

LANGUAGES = tongues.table_of("tongues.yml")
DRAWN = tongues.table_of("catalogues.yml")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_language_means_what_it_stands_under(language: str) -> None:
    missed = []
    for ideas, words in LANGUAGES[language].items():
        for word in words.split():
            read = read_name(word.replace("_", " "), (language,))
            meant = set(ideas.split()) - {"small"}
            if read.strange or not meant <= read.ideas:
                missed.append(f"{word} is {sorted(meant)} and was read as {sorted(read.ideas)}")
    assert missed == []


@pytest.mark.parametrize("file", [LANGUAGES, DRAWN], ids=["tongues", "catalogues"])
def test_every_idea_is_one_that_the_rules_know(file: dict[str, dict[str, str]]) -> None:
    known = set(tongues.table_of("words.yml")) | {"yes", "no", "female", "male"}
    assert {idea for words in file.values() for ideas in words for idea in ideas.split()} <= known


def test_no_word_is_what_stands_in_a_catalogue_for_a_text_to_come() -> None:
    words = [word for ideas in DRAWN.values() for words in ideas.values() for word in words.split()]
    assert [word for word in words if ":" in word or "crwd" in word or sum(map(str.isdigit, word)) > 2] == []


LEAST = {
    "email", "phone", "name", "birth", "gender", "language", "address", "city", "country", "customer", "created", "note",
}  # fmt: skip


def test_of_the_languages_of_trade_each_knows_what_every_export_has() -> None:
    poor = {"fo", "lb", "mt", "ha", "yo", "ig", "zu", "xh", "so", "rw", "mg", "eo", "ht", "ps", "si", "tk", "pa", "kn"}
    poor |= {"ckb", "ku", "en"}  # or read in every export
    assert {language: sorted(LEAST - set(words)) for language, words in LANGUAGES.items() if LEAST - set(words)}.keys() <= poor


@pytest.mark.parametrize(
    ("names", "spoken"),
    [
        (["სახელი", "გვარი", "ელფოსტა"], ("ka",)),
        (["Jina la kwanza", "Jina la ukoo", "Barua pepe", "Mji"], ("sw",)),
        (["First Name", "Last Name", "Date of Birth", "Order Total"], ("en",)),
        (["QXV1", "QXV2"], ()),
        ([], ()),
    ],
)
def test_the_names_of_an_export_tell_their_language(names: list[str], spoken: tuple[str, ...]) -> None:
    assert spoken_in(names) == spoken


def test_a_word_means_what_it_means_in_the_language_of_its_export() -> None:
    assert read_name("kraj", ("sl",)).ideas == {"city"}
    assert read_name("kraj", ("pl",)).ideas == {"country"}
    assert read_name("estado", ("es",)).ideas == {"region", "status"}, "two meanings stay two"


UNKNOWN_BEFORE = {
    "ka": ("მომხმარებლის ID", "სახელი", "გვარი", "მობილური", "ელ-ფოსტა", "დაბადების თარიღი", "ქალაქი", "რეგისტრაციის თარიღი"),
    "sw": ("Nambari ya mteja", "Jina la kwanza", "Jina la ukoo", "Simu ya mkononi", "Barua pepe", "Tarehe ya kuzaliwa",
           "Mji", "Tarehe ya usajili"),
    "eu": ("Bezero zenbakia", "Izena", "Abizenak", "Mugikorra", "Helbide elektronikoa", "Jaiotze-data", "Herria", "Alta-data"),
    "sq": ("Nr. klienti", "Emri", "Mbiemri", "Celular", "Posta elektronike", "Data e lindjes", "Qyteti", "Data e regjistrimit"),
}  # fmt: skip


@pytest.mark.parametrize("language", UNKNOWN_BEFORE)
def test_an_export_of_a_rarer_language_is_read(language: str) -> None:
    values = [
        ["K-1", "K-2", "K-3"], ["Nino", "Giorgi", "Ana"], ["Beridze", "Kapanadze", "Lomidze"],
        ["+995 555 12 34 56", "+995 577 12 34 57", ""], ["nino@mail.example", "gio@mail.example", "ana@mail.example"],
        ["1984-05-17", "1971-11-03", "1990-02-28"], ["Tbilisi", "Batumi", "Gori"], ["2024-05-17", "2023-11-03", "2025-02-28"],
    ]  # fmt: skip
    fields = ["key", "given_name", "family_name", "phones", "emails", "birth_date", "city", "first_seen_at"]
    columns = list(zip(UNKNOWN_BEFORE[language], values, strict=True))
    assert taken_for(propose(columns)) == dict(zip(UNKNOWN_BEFORE[language], fields, strict=True))


def test_a_word_cut_off_is_read_where_only_one_thing_begins_so() -> None:
    polish = ("Imię", "Nazwisko", "Kod pocztowy", "Miejscowość")
    spoken = spoken_in([*polish, "wojew"])
    assert read_name("wojew", spoken).ideas == {"region"}
    assert read_name("wojew", spoken).unread > 0, "less sure than the word itself"
    assert read_name("na", spoken).ideas == set(), "too short to tell"
    assert read_name("kwizowy", spoken).strange, "no beginning of a known word"


@pytest.mark.parametrize(
    ("name", "language", "ideas"),
    [
        ("Date d'adh.", "fr", {"created"}), ("Posl. změna", "cs", {"updated"}), ("Data de nasc.", "pt", {"birth"}),
        ("E-postadr.", "sv", {"email"}), ("Дата рег.", "ru", {"created"}), ("P. Kodu", "tr", {"postcode"}),
    ],
)  # fmt: skip
def test_several_words_are_read_where_some_are_cut_off(name: str, language: str, ideas: set[str]) -> None:
    read = read_name(name, (language,))
    assert (read.ideas, read.strange) == (ideas, False)
    assert read.unread > 0


def test_a_step_of_a_path_is_not_cut_off_and_a_whole_word_is_no_other_one() -> None:
    assert read_name("kontakt.telKom", ("pl",)).ideas == {"customer", "mobile"}
    assert read_name("Kliendikood", ("et",)).ideas == {"customer", "code"}


def test_words_that_look_like_one_together_do_not_part_an_entry_of_several() -> None:
    assert read_name("Reklam e-post", ("sv",)).ideas == {"marketing", "email"}


def test_a_number_is_the_end_of_a_compound() -> None:
    assert read_name("Klubbkortsnr", ("sv",)).ideas >= {"card", "loyalty"}
    assert not read_name("Klubbkortsnr", ("sv",)).strange


SOMEBODY_ELSES = {
    "de": ("E-Mail Berater", "Telefon Filiale", "Name Ehepartner", "Geburtsdatum Kind", "Telefon Notfallkontakt", "Erstellt von"),
    "fr": ("Nom du vendeur", "Tél. magasin", "Nom du conjoint", "Date naissance enfant", "Tél. urgence", "Destinataire"),
    "sv": ("Säljarens namn", "Butik telefon", "Makes namn", "Barnets födelsedatum", "Nödkontakt", "Produktnamn"),
    "ka": ("გამყიდველის სახელი", "მაღაზიის ტელეფონი", "მეუღლის სახელი", "ბავშვის დაბადების თარიღი", "პროდუქტის სახელი"),
    "sw": ("Jina la muuzaji", "Simu ya duka", "Jina la mume", "Tarehe ya kuzaliwa ya mtoto", "Anwani ya IP", "Faksi"),
    "kk": ("Сатушының аты", "Дүкен телефоны", "Жұбайының аты", "Баланың туған күні", "Соңғы сатып алу күні"),
    "vi": ("Tên nhân viên", "SĐT cửa hàng", "Tên vợ/chồng", "Ngày sinh con", "Tên sản phẩm", "Ngày mua cuối"),
}


@pytest.mark.parametrize("language", SOMEBODY_ELSES)
def test_what_is_of_staff_shops_goods_and_relatives_is_no_customers_field_in_any_language(language: str) -> None:
    taken = {}
    for name in SOMEBODY_ELSES[language]:
        read = read_name(name, (language,))
        role = role_of(read.ideas).name
        if role and not role.startswith("-") and not read.strange:
            taken[name] = role
    assert taken == {}
