"""Social media: Meta's lead-ads download, and comments and mentions as the Graph API returns them.

The lead file is called CSV and is tab-separated UTF-16, its phones marked ``p:`` and its ids ``l:``
(https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving: "the only supported format is TSV"); custom
questions are columns named by their text. Comments and mentions follow
https://developers.facebook.com/docs/graph-api/reference/comment.
"""

from datetime import datetime, timedelta, timezone

from sample.country import fold
from sample.delivery import Post
from sample.dice import Dice, about, repeats
from sample.dressing import Dresser
from sample.people import Person
from sample.writing import csv_line, json_line

SOURCE = "social"
LEADS = (
    "id",
    "created_time",
    "ad_id",
    "ad_name",
    "adset_id",
    "adset_name",
    "campaign_id",
    "campaign_name",
    "form_id",
    "form_name",
    "is_organic",
    "platform",
    "full_name",
    "email",
    "phone_number",
    "city",
    "what_is_your_instagram_handle?",
    "preferred_store?",
)
UNEXPECTED_COLUMN = "how_did_you_hear_about_us?"
UNEXPECTED_ANSWERS = ("a friend", "Instagram", "walked by", "TikTok", "")
_CAMPAIGNS = ("Rainy Season Sale", "New Arrivals", "Holiday Gift Guide", "Members Day", "Back to School")
_FORMS = ("Get 10% off", "Join the club", "Store opening invite")
_ACCOUNT_ZONE = timezone(timedelta(hours=8))


def joins_leads(person: Person, post: Post) -> bool:
    """Whether the person fills in lead forms."""
    return post.stream("joins", "leads", person.number).random() < post.rates.channels.social.leads_share


def emit(person: Person, post: Post) -> None:
    """Write everything the pages know of a person."""
    if joins_leads(person, post):
        rng = post.stream("leads", person.number)
        for number in range(1 + repeats(rng, post.rates.channels.social.another_lead)):
            _lead(person, post, post.dice("leads", person.number, number))
    for platform, handle in (("instagram", person.instagram), ("facebook", person.facebook)):
        if handle and post.stream("joins", platform, person.number).random() < post.rates.channels.social.profiles_share:
            _profile(person, post, post.dice("profiles", person.number, platform), platform, handle)


def _lead(person: Person, post: Post, dice: Dice) -> None:
    rng, moment = dice.rng, post.begins(dice.rng)
    dresser = Dresser(person, dice, moment.date(), post.rates.people.suffix_written)
    key = f"l:{post.new_id(rng, 'lead', moment, 400_000_000_000_000, 9_000_000)}"  # before any mess, so that no rate changes it
    only_name = dice.hit("given_name_only")
    email, phone = ("", "") if only_name else (dresser.email(), dresser.phone())
    if dice.hit("swapped_fields"):
        email, phone = phone, email
    handle = "" if only_name or not person.instagram else _handle(person, dice)
    near = [store.name for store in post.stores.values() if store.country == person.country.code]
    campaign, form = rng.randrange(len(_CAMPAIGNS)), rng.randrange(len(_FORMS))
    home = person.home(moment.date()).city.name
    organic = rng.random() < 0.08
    ids = [f"{kind}:{1_202_000_000_000_000 + 7919 * (campaign + 1) + i}" for i, kind in enumerate(("ag", "as", "c"))]
    row = [
        key,
        moment.astimezone(_ACCOUNT_ZONE).isoformat(),
        *(
            ["", "", "", "", "", ""]
            if organic
            else [
                ids[0],
                f"{_CAMPAIGNS[campaign]} - ad {form + 1}",
                ids[1],
                f"{_CAMPAIGNS[campaign]} - all",
                ids[2],
                _CAMPAIGNS[campaign],
            ]
        ),
        f"f:{903_000_000_000_000 + form}",
        _FORMS[form],
        "true" if organic else "false",
        rng.choice(("fb", "ig", "ig")),
        _written(person) if only_name else dresser.name().full,
        email,
        f"p:{phone}" if phone else "",
        "" if only_name else home.romans[0] if dresser.script == "roman" else home.native,
        handle,
        rng.choice(near) if near and rng.random() < 0.6 else "",
    ]
    place = f"{moment:%Y-%m-%dT%H:%M:%S} {key}"
    day = post.day(moment)
    arrives = post.delay(rng, day)
    again = post.again(rng, arrives)
    for when in (arrives, again):
        if when is not None:
            extra = [rng.choice(UNEXPECTED_ANSWERS)] if when == unexpected_day(post) else []
            post.put(SOURCE, when, "leads.csv", place, csv_line(row + extra, "\t"))
    post.truth(SOURCE, "leads", key, person)
    post.count("social.lead_forms")


def unexpected_day(post: Post) -> int:
    """The day on which the lead file has a column more; never the first, the history: a world of one day has none."""
    return max(int(post.days * post.rates.delivery.unexpected_column_on), 1)


def _written(person: Person) -> str:
    return person.nickname.native if person.nickname else person.given.native


def _handle(person: Person, dice: Dice) -> str:
    if not dice.hit("handle_written"):
        return ""
    forms = ("{}", "@{}", "@{}", "instagram.com/{}", "https://www.instagram.com/{}/", "{} ")
    handle = dice.rng.choice(forms).format(person.instagram)
    return handle.upper() if dice.chance(0.03) else handle


def _profile(person: Person, post: Post, dice: Dice, platform: str, handle: str) -> None:
    rng, first = dice.rng, post.begins(dice.rng)
    dresser = Dresser(person, dice, first.date(), post.rates.people.suffix_written)
    base = 17_841_400_000_000_000 if platform == "instagram" else 100_000_000_000_000
    key = str(post.new_id(rng, platform, first, base, 40_000))
    name = dresser.name().full
    author: dict[str, object] = (
        {"id": key, "username": handle, "name": name} if platform == "instagram" else {"id": key, "name": name}
    )
    if platform == "facebook" and dice.chance(0.7):
        author["username"] = handle
    moments = [first, *(post.later(rng, first) for _ in range(about(rng, post.rates.channels.social.engagement - 1)))]
    for moment in sorted(moments):
        _remark(person, post, dice, dresser, platform, author, moment)
    post.truth(SOURCE, "profiles", key, person)


def _remark(
    person: Person, post: Post, dice: Dice, dresser: Dresser, platform: str, author: dict[str, object], moment: datetime
) -> None:
    rng = dice.rng
    message = post.catalogue.say(rng, person.country.code, "comments")
    if dice.hit("contact_in_text"):
        phrase = post.catalogue.say(rng, person.country.code, "contact")
        mailbox = person.emails[0] if person.emails else person.shared_mailbox
        given = fold(person.given.romans[0])[0]
        message += " " + phrase.format(email=mailbox, phone=dresser.write_phone(person.mobile(moment.date())), name=given)
    ident = post.new_id(rng, "remark", moment, 18_000_000_000_000_000, 50_000)
    remark = {
        "id": str(ident),
        "type": rng.choice(("comment", "comment", "comment", "mention")),
        "platform": platform,
        "created_time": f"{moment:%Y-%m-%dT%H:%M:%S}+0000",
        "from": author,
        "message": message,
        "post_id": f"178414{rng.randrange(400):06d}",
        "like_count": about(rng, 1.5),
    }
    place = f"{moment:%Y-%m-%dT%H:%M:%S} {ident}"
    post.send(rng, SOURCE, post.day(moment), "engagement.json", place, [("", json_line(remark))])
    post.count("social.engagement")
