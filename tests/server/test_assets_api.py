"""Files over the native API: sent in whole or not at all, known by content, sent back in parts."""

import asyncio
import io
import os
import resource
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from aiohttp import ClientResponse, FormData
from blake3 import blake3
from comfy_low import models as contract
from PIL import Image

from nodegraph.jobs.service import Service
from nodegraph.server.settings import Settings
from tests.jobs.making import through
from tests.jobs.serving import run
from tests.server.conftest import Client, Serve


def picture(kind: str = "PNG", colour: str = "red") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(stream, kind)
    return stream.getvalue()


def form(data: bytes | BinaryIO | AsyncIterator[bytes], **fields: Any) -> FormData:
    data = io.BytesIO(data) if isinstance(data, bytes) else data
    made = FormData(default_to_multipart=True)
    for name, value in fields.items():
        made.add_field(name, value)
    made.add_field("file", data, filename="sent.bin", content_type="text/html")
    return made


async def send(client: Client, data: bytes, key: str | None = None, **fields: Any) -> Any:
    headers = {"Idempotency-Key": key} if key is not None else {}
    async with client.post("/api/v2/assets", data=form(data, **fields), headers=headers) as answer:
        return answer.status, await answer.json()


async def error_of(answer: ClientResponse) -> tuple[int, str]:
    body = await answer.json()
    contract.ErrorEnvelope.model_validate(body)
    return answer.status, body["error"]["code"]


def files_in(service: Service) -> list[str]:
    """The names of all that is kept."""
    return sorted(path.name for path in service.assets.folder.rglob("*") if path.is_file())


async def test_what_is_sent_comes_back_and_is_known_by_its_content(
    client: Client, service: Service
) -> None:
    data = picture()
    status, asset = await send(client, data, file_path="photo.png", content_type="text/html")
    assert status == 201
    contract.Asset.model_validate(asset)
    assert asset["hash"] == "blake3:" + blake3(data).hexdigest()
    assert asset["content_type"] == "image/png"
    assert asset["file_path"] == "photo.png"
    assert asset["size_bytes"] == len(data)
    assert asset["created_new"] is True
    assert files_in(service) == [asset["hash"].removeprefix("blake3:")]

    async with client.get(f"/api/v2/assets/{asset['id']}") as answer:
        found = await answer.json()
    contract.Asset.model_validate(found)
    assert found == {**asset, "created_new": None}

    async with client.session.get(asset["url"]) as answer:
        assert await answer.read() == data
        assert answer.content_type == "image/png"
        assert answer.headers["ETag"] == f'"{blake3(data).hexdigest()}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_same_content_is_kept_once_under_several_records(
    client: Client, service: Service
) -> None:
    first = (await send(client, b"the same", file_path="a.txt"))[1]
    status, second = await send(client, b"the same", file_path="b.txt")
    assert (status, second["created_new"]) == (200, False)
    assert first["id"] != second["id"]
    async with client.delete(f"/api/v2/assets/{first['id']}") as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    async with client.get(f"/api/v2/assets/{first['id']}/content") as answer:
        assert await error_of(answer) == (404, "not_found")
    async with client.get(f"/api/v2/assets/{second['id']}/content") as answer:
        assert await answer.read() == b"the same"
    async with client.delete(f"/api/v2/assets/{second['id']}") as answer:
        assert answer.status == 204
    assert files_in(service) == []


async def test_a_repeated_upload_makes_one_asset(client: Client) -> None:
    status, first = await send(client, b"data", "key", file_path="a")
    assert status == 201
    again, second = await send(client, b"data", "key", file_path="a")
    assert (again, second["id"]) == (200, first["id"])
    for data, name in ((b"other", "a"), (b"data", "b")):
        status, body = await send(client, data, "key", file_path=name)
        assert (status, body["error"]["code"]) == (422, "idempotency_key_reuse")


async def test_content_that_is_here_need_not_be_sent(client: Client) -> None:
    digest = blake3(b"here").hexdigest()
    path = f"/api/v2/assets/by-hash/blake3:{digest}"
    async with client.head(path) as answer:
        assert answer.status == 404
    body = {"hash": f"blake3:{digest}", "file_path": "new.txt"}
    async with client.post("/api/v2/assets/from-hash", json=body) as answer:
        assert await error_of(answer) == (404, "blob_not_found")
    asset = (await send(client, b"here"))[1]
    async with client.head(path) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    async with client.post("/api/v2/assets/from-hash", json=body) as answer:
        made = await answer.json()
    contract.Asset.model_validate(made)
    assert made["id"] != asset["id"]
    assert (made["file_path"], made["content_type"]) == ("new.txt", "text/plain")
    assert made["created_new"] is False


async def test_what_is_no_hash_is_nowhere(client: Client) -> None:
    for text in ("blake3:zz", "x", "blake3:" + "0" * 63, "..%2f..%2fnodegraph.db"):
        async with client.head(f"/api/v2/assets/by-hash/{text}") as answer:
            assert answer.status == 404, text
        async with client.post("/api/v2/assets/from-hash", json={"hash": text}) as answer:
            assert await error_of(answer) == (404, "blob_not_found")


async def test_a_file_that_changed_on_its_way_is_refused(client: Client, service: Service) -> None:
    wrong = "blake3:" + "0" * 64
    status, body = await send(client, b"data", expected_hash=wrong)
    assert (status, body["error"]["code"]) == (409, "hash_mismatch")
    assert files_in(service) == []
    right = "blake3:" + blake3(b"data").hexdigest().upper()
    assert (await send(client, b"data", expected_hash=right))[0] == 201


async def test_a_file_that_is_too_long_is_refused(serve: Serve, service: Service) -> None:
    client = await serve(Settings(max_upload=100_000))
    assert (await send(client, b"x" * 90_000))[0] == 201

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"y" * 10_000

    kept = files_in(service)
    async with client.post("/api/v2/assets", data=form(pieces())) as answer:
        assert await error_of(answer) == (413, "payload_too_large")
    assert files_in(service) == kept


async def test_a_long_file_needs_no_memory(serve: Serve, service: Service, tmp_path: Path) -> None:
    client = await serve(Settings(max_json=1000))
    long = tmp_path / "long"
    with long.open("wb") as stream:
        stream.truncate(64 << 20)
    with long.open("rb") as stream:
        async with client.post("/api/v2/assets", data=form(stream)) as answer:
            asset = await answer.json()
    assert asset["size_bytes"] == 64 << 20
    assert asset["hash"] == "blake3:" + blake3().update_mmap(long).hexdigest()


async def test_a_name_is_a_label(client: Client, service: Service) -> None:
    names = {
        "../../etc/passwd": "../../etc/passwd",
        "a\r\nSet-Cookie: x=1": "aSet-Cookie: x=1",
        "\u202egnp.exe": "gnp.exe",
        "x" * 300: "x" * 255,
        "": "sent.bin",
    }
    for given, kept in names.items():
        status, asset = await send(client, b"data", file_path=given)
        assert (status in (200, 201), asset["file_path"]) == (True, kept)
        async with client.get(f"/api/v2/assets/{asset['id']}/content") as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert "Set-Cookie" not in answer.headers
    assert files_in(service) == [blake3(b"data").hexdigest()]


MALFORMED: list[tuple[bytes, str]] = [
    (b"", "multipart/form-data; boundary=b"),
    (b"--b\r\n", "multipart/form-data; boundary=b"),
    (b"--b--\r\n", "multipart/form-data; boundary=b"),
    (b"nothing", "multipart/form-data; boundary=b"),
    (b"--b\r\n\r\nx\r\n--b--\r\n", "multipart/form-data; boundary=b"),
    (
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nno end',
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n'
        b"Content-Length: 99\r\n\r\nAAAA\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n' * 2 + b"--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="tags"\r\n\r\n'
        + b"x" * 5000
        + b"\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="tags"\r\n\r\nx\r\n' * 100 + b"--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    (
        b'--b\r\nContent-Disposition: form-data; name="tags"\r\n\r\n\xff\r\n--b--\r\n',
        "multipart/form-data; boundary=b",
    ),
    (
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n",
        "multipart/form-data; boundary=b",
    ),
    (b"x", "multipart/form-data"),
]


async def test_what_is_no_form_is_refused(client: Client, service: Service) -> None:
    for data, kind in MALFORMED:
        headers = {"Content-Type": kind}
        async with client.post("/api/v2/assets", data=data, headers=headers) as answer:
            assert answer.status == 400, data
            assert (await error_of(answer))[1] == "invalid_request", data
    async with client.post("/api/v2/assets", data=b"x") as answer:
        assert (await error_of(answer)) == (415, "unsupported_media_type")
    assert files_in(service) == []


async def test_a_client_that_goes_leaves_nothing(
    client: Client, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.host is not None
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(
        b"POST /api/v2/assets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + b"x" * (2 << 20)
    )
    await writer.drain()
    async with asyncio.timeout(20):
        while not files_in(service):
            await asyncio.sleep(0.01)
        writer.close()
        while files_in(service):
            await asyncio.sleep(0.01)
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
    assert await reader.read() == b""


class TestParts:
    @pytest.fixture
    async def path(self, client: Client) -> str:
        asset = (await send(client, bytes(range(256))))[1]
        return f"/api/v2/assets/{asset['id']}/content"

    async def test_the_part_that_is_asked_for(self, client: Client, path: str) -> None:
        for asked, first, last in (
            ("bytes=0-4", 0, 4),
            ("bytes=250-", 250, 255),
            ("bytes=-3", 253, 255),
            ("bytes=0-9999", 0, 255),
        ):
            async with client.get(path, headers={"Range": asked}) as answer:
                assert answer.status == 206
                assert await answer.read() == bytes(range(first, last + 1))
                assert answer.headers["Content-Range"] == f"bytes {first}-{last}/256"

    async def test_parts_that_are_not_there(self, client: Client, path: str) -> None:
        async with client.get(path, headers={"Range": "bytes=256-"}) as answer:
            assert (await error_of(answer)) == (416, "range_not_satisfiable")

    async def test_what_has_not_changed_is_not_sent(self, client: Client, path: str) -> None:
        async with client.head(path) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Length"] == "256"
            tag = answer.headers["ETag"]
        async with client.get(path, headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        headers = {"Range": "bytes=0-4", "If-Range": '"other"'}
        async with client.get(path, headers=headers) as answer:
            assert answer.status == 200


async def test_what_a_job_made_is_an_asset(client: Client, service: Service) -> None:
    job = await run(service, through("Echo", value="made"))
    (output,) = job.outputs
    async with client.get(f"/api/v2/assets/{output.asset_id}") as answer:
        asset = await answer.json()
    contract.Asset.model_validate(asset)
    assert asset["job_id"] == job.id
    async with client.get(f"/api/v2/assets/{output.asset_id}/content") as answer:
        assert await answer.read() == b"made"


async def test_another_users_files_are_not_there(client: Client, service: Service) -> None:
    asset = await service.blocking(service.assets.put, [b"secret"], "bob", "a.txt", "text/plain")
    for path in (asset.id, f"{asset.id}/content"):
        async with client.get(f"/api/v2/assets/{path}") as answer:
            assert await error_of(answer) == (404, "not_found")
    async with client.delete(f"/api/v2/assets/{asset.id}") as answer:
        assert answer.status == 404
    async with client.head(f"/api/v2/assets/by-hash/blake3:{asset.hash}") as answer:
        assert answer.status == 404
    async with client.post(
        "/api/v2/assets/from-hash", json={"hash": f"blake3:{asset.hash}"}
    ) as answer:
        assert await error_of(answer) == (404, "blob_not_found")
    status, mine = await send(client, b"secret")
    assert (status, mine["created_new"]) == (201, True)  # tells nothing of what others have
    reference = {"__type": "core/ASSET", "info": {"id": asset.id}}
    document = through("ReadText", file=reference)
    async with client.post("/api/v2/jobs", json={"workflow": document}) as answer:
        assert await error_of(answer) == (422, "missing_asset")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
async def test_a_folder_that_cannot_be_written_is_told(client: Client, service: Service) -> None:
    service.assets.folder.chmod(0o500)
    try:
        status, body = await send(client, b"data")
    finally:
        service.assets.folder.chmod(0o700)
    assert (status, body["error"]["code"]) == (503, "store_unavailable")


async def test_a_full_disk_is_told(client: Client, service: Service) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))  # no file gets longer
    try:
        status, body = await send(client, b"x" * (3 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (status, body["error"]["code"]) == (507, "insufficient_storage")
    assert files_in(service) == []
    assert (await send(client, b"data"))[0] == 201


async def test_a_client_that_goes_while_it_is_sent_a_file_harms_nobody(
    client: Client, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    asset = (await send(client, os.urandom(32 << 20)))[1]
    path = f"/api/v2/assets/{asset['id']}/content"
    for _ in range(5):
        assert client.host is not None
        reader, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert (await reader.readexactly(15)).endswith(b"200 OK")
        writer.transport.abort()
    async with client.get(path, headers={"Range": "bytes=0-9"}) as answer:
        assert len(await answer.read()) == 10
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
