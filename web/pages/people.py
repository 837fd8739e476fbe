"""Names for the login names that stand in calls and tickets."""

from routing.ports import People


async def names(people: People) -> dict[str, str]:
    """Every person's name by login name; an account is never deleted, so none is missing."""
    return {person.id: person.name for person in await people.all()}
