"""Pairs of people who are easily taken for one: twins, father and son of one name, and who was given another's old number."""

from collections.abc import Iterator

from sample.people import Person

HEADER = "trap,person_id,other_id"


class Traps:
    """Finds them while people are drawn, home by home."""

    def __init__(self) -> None:
        self._home: list[Person] = []
        self._held: dict[str, str] = {}

    def meets(self, person: Person) -> Iterator[tuple[str, str, str]]:
        """The traps a person makes with those who were drawn before: what it is, and both ids."""
        self._home = [one for one in self._home if one.household == person.household]
        for other in self._home:
            if other.born == person.born:
                yield "twins", other.person_id, person.person_id
            elif other.suffix and person.suffix:
                yield "generations", other.person_id, person.person_id
        self._home.append(person)
        numbers = dict.fromkeys(number for _, number in person.mobiles)
        for holder in {self._held[number]: None for number in numbers if number in self._held}:
            yield "recycled number", holder, person.person_id
        self._held.update(dict.fromkeys(numbers, person.person_id))
