"""Social handles as ``platform:handle``, from what people paste: @names, profile addresses, chat links."""

import re

from include.cleaning import reference
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair

_INTO_PROFILE = {"linkedin": ("in",), "snapchat": ("add",), "youtube": ("c", "user"), "line": ("ti", "r", "p"), "weibo": ("n",),
                 "reddit": ("u", "user"), "bluesky": ("profile",), "facebook": ("people",)}  # fmt: skip
_URL = re.compile(
    r"(?:https?://)?(?:www\.|m\.|mobile\.|l\.|vm\.|vt\.|[a-z]{2}(?:-[a-z]{2})?\.)?([a-z]+\.[a-z]{2,3})/(.*)", re.IGNORECASE
)
_WORDS_BEFORE = re.compile(
    r"^(?:my\s+)?(?:ig|insta(?:gram)?|fb|facebook|twitter|tiktok|line|wechat|telegram)(?:\s*id|\s*handle)?\s*[:=-]\s*",
    re.IGNORECASE,
)


@remembered
def clean_handle(text: str, platform: str | None = None) -> Cleaned[str | None]:
    """``platform:handle`` in lower case; what cannot be a handle there is emptied with ``invalid``.

    Args:
        text: A handle, an address of a profile, or already ``platform:handle``.
        platform: The platform where the text does not name one.
    """
    mended = repair(text)
    named, colon, rest = mended.partition(":")
    named_platform = _platform(named)
    if colon and named_platform and not rest.startswith("//"):
        platform, mended = named_platform, rest.strip()
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    platform = _platform(platform or "")
    mended = _WORDS_BEFORE.sub("", mended)
    handle: str | None = mended.strip(" .,/")
    if re.sub(r"^https?://", "", mended.lower()).partition("/")[0] in reference.words("handles", "short_links"):
        return Cleaned(None, "invalid", ("invalid",))
    if match := _URL.fullmatch(mended):
        host, path = match.groups()
        platform = reference.table("handles")["hosts"].get(host.lower())
        handle = _of_path(path, platform) if platform else None
    if not handle or not platform:
        return Cleaned(None, "invalid", ("invalid",))
    return _checked(text, handle, platform)


def _checked(text: str, handle: str, platform: str) -> Cleaned[str | None]:
    if handle.startswith("id:") and handle[3:].isdecimal():
        return Cleaned(f"{platform}:{handle}", "handle_form")
    handle = handle.lstrip("@~").strip().lower()
    if platform in ("whatsapp", "viber"):
        handle = "+" + re.sub(r"\D", "", handle)
    if "@" in handle:
        return Cleaned(None, "invalid", ("invalid", "email"))
    if (
        not re.fullmatch(reference.table("handles")["forms"][platform], handle)
        or ".." in handle
        or handle in reference.words("handles", "reserved")
    ):
        return Cleaned(None, "invalid", ("invalid",))
    value = f"{platform}:{handle}"
    return Cleaned(value, None if value == text else "handle_form")


def _platform(name: str) -> str | None:
    folded = name.strip().casefold()
    data = reference.table("handles")
    folded = data["other_names"].get(folded, folded)
    return folded if folded in data["forms"] else None


def _of_path(path: str, platform: str | None) -> str | None:
    parts = [part for part in path.partition("#")[0].partition("?")[0].split("/") if part]
    if path.startswith("profile.php?id="):
        return "id:" + re.sub(r"\D.*", "", path.removeprefix("profile.php?id="))
    while parts and parts[0] in _INTO_PROFILE.get(platform or "", ()):
        parts = parts[1:]
    if platform == "weibo" and len(parts) > 1 and parts[0] == "u":
        return "id:" + parts[1]
    if not parts or parts[0].lower() in reference.words("handles", "reserved"):
        return None
    return None if platform in ("x", "tiktok") and len(parts) > 1 and parts[1] not in ("media", "with_replies") else parts[0]
