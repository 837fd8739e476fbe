"""Recordings are played whole or in parts, journalled, and only from their own folder."""

import os
import sqlite3
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from yarl import URL

from tests.web.house import House, a_call, a_recording
from tests.web.test_api_access import told

SOUND = bytes(range(256)) * 4
SIZE = len(SOUND)
ADDRESS = "/api/v1/recordings/r1"


@pytest.fixture
async def player(house: House) -> ClientSession:
    """An agent whose call has the recording r1."""
    await house.keep(a_call("c1", recordings=(a_recording("r1"),)))
    (house.sounds / "r1.wav").write_bytes(SOUND)
    return await house.program("wang")


async def test_the_whole_sound_comes_with_its_length_and_tag(player: ClientSession) -> None:
    answer = await player.get(ADDRESS)

    assert answer.status == 200
    assert await answer.read() == SOUND
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Length"] == str(SIZE)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-", 0, SIZE),
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=1000-99999", 1000, SIZE),
        ("bytes=-24", SIZE - 24, SIZE),
        ("bytes=-99999", 0, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
    ],
)
async def test_one_range_gives_just_those_bytes(
    player: ClientSession, asked: str, first: int, end: int
) -> None:
    answer = await player.get(ADDRESS, headers={"Range": asked})

    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{end - 1}/{SIZE}"
    assert await answer.read() == SOUND[first:end]


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=99999-100000", "bytes=-0"])
async def test_a_range_outside_the_file_is_refused_with_its_size(
    player: ClientSession, asked: str
) -> None:
    answer = await player.get(ADDRESS, headers={"Range": asked})

    assert await told(answer) == (416, "request.range", "")
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=5-1", "bytes=a-b", "lines=1-2", "bytes=-", "bytes=٣-"]
)
async def test_a_range_that_cannot_be_served_as_one_is_ignored(
    player: ClientSession, asked: str
) -> None:
    answer = await player.get(ADDRESS, headers={"Range": asked})

    assert (answer.status, await answer.read()) == (200, SOUND)


async def test_a_range_of_another_state_of_the_file_gives_the_whole(
    player: ClientSession,
) -> None:
    head = (await player.get(ADDRESS)).headers
    ranged = {"Range": "bytes=0-9"}

    same = [
        (await player.get(ADDRESS, headers={**ranged, "If-Range": head[name]})).status
        for name in ("ETag", "Last-Modified")
    ]
    other = [
        (await player.get(ADDRESS, headers={**ranged, "If-Range": value})).status
        for value in ('"other"', "Mon, 23 Nov 2020 00:00:00 GMT", "W/" + head["ETag"])
    ]

    assert (same, other) == ([206, 206], [200, 200, 200])


async def test_asking_for_the_head_alone_tells_the_length_and_is_no_play(
    house: House, player: ClientSession, tmp_path: Path
) -> None:
    answer = await player.head(ADDRESS)

    assert (answer.status, answer.headers["Content-Length"]) == (200, str(SIZE))
    assert _plays(tmp_path) == 0
    assert house.sounds.exists()


async def test_every_play_is_in_the_journal(player: ClientSession, tmp_path: Path) -> None:
    await player.get(ADDRESS)
    await player.get(ADDRESS, headers={"Range": "bytes=99999-"})
    await player.get(ADDRESS, headers={"Range": "bytes=100-"})

    assert _plays(tmp_path) == 2


def _plays(folder: Path) -> int:
    with sqlite3.connect(folder / "hotline.db") as rows:
        count: int = rows.execute(
            "select count(*) from journal where what = 'recording.played' and person = 'wang'"
        ).fetchone()[0]
    rows.close()
    return count


@pytest.mark.parametrize("trick", ["..%2fsecret", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "r1%00", "/"])
async def test_an_id_that_is_a_path_leads_nowhere(player: ClientSession, trick: str) -> None:
    answer = await player.get(URL(f"/api/v1/recordings/{trick}", encoded=True))

    assert (await told(answer))[0] == 404


async def test_a_link_in_the_folder_is_not_followed(house: House, player: ClientSession) -> None:
    secret = house.sounds.parent / "secret"
    secret.write_text("secret")
    (house.sounds / "r1.wav").unlink()
    (house.sounds / "r1.wav").symlink_to(secret)

    assert await told(await player.get(ADDRESS)) == (404, "recording.missing", "")


async def test_a_file_that_is_gone_and_one_still_being_written_are_told_apart(
    house: House, player: ClientSession
) -> None:
    (house.sounds / "r1.wav").unlink()
    await house.keep(a_call("c2", recordings=(a_recording("r2", state="recording"),)))

    gone = await told(await player.get(ADDRESS))
    running = await told(await player.get("/api/v1/recordings/r2"))

    assert (gone, running) == ((404, "recording.missing", ""), (409, "recording.running", ""))


async def test_a_file_that_shrinks_while_it_is_sent_ends_in_a_broken_connection(
    house: House, player: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house.sounds / "r1.wav").write_bytes(b"x" * 1_000_000)
    true_pread = os.pread
    monkeypatch.setattr(
        os, "pread", lambda file, size, at: b"" if at else true_pread(file, size, at)
    )

    with pytest.raises(ClientError):
        await player.get(ADDRESS)
