"""The `clientbase` command: run the service, or do one thing with its base."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from sqlalchemy import select

from clientbase import worker as worker_process
from clientbase.accounts import service as accounts
from clientbase.accounts.scopes import Scope
from clientbase.app import create_app
from clientbase.config import settings
from clientbase.demo import service as demo_base
from clientbase.embedded import backup as dumps
from clientbase.embedded import doctor as checks
from clientbase.embedded import schema
from clientbase.embedded import up as everything
from clientbase.embedded.credentials import Credentials, load_or_create
from clientbase.embedded.errors import EngineError
from clientbase.embedded.servers import connected
from clientbase.kit import clock, db, logging
from clientbase.kit.errors import Problem, Unauthenticated
from clientbase.models import Account

OPENAPI_FILE = Path("openapi/openapi.json")
FIRST_ACCOUNT = {"name": "My company", "time_zone": "Europe/Moscow", "currency": "RUB", "locale": "ru"}
GRACE_SECONDS = 10
"""How long a stopping API waits for its requests, event streams among them."""

app = typer.Typer(
    help="One base of clients, cut into segments that stay true.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="API keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")

DataDir = Annotated[
    Path | None, typer.Option(help="Where the data is; default: CLIENTBASE_DATA_DIR or .data.")
]
Clients = Annotated[int, typer.Option(min=0, max=10_000_000, help="How many clients to make up.")]
Seed = Annotated[int, typer.Option(help="The same seed makes the same base.")]


@app.command()
def up(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Where the API listens.")] = None,
    data_dir: DataDir = None,
    demo_clients: Annotated[
        int, typer.Option(min=0, help="Size of the demo base that the first start makes; 0: none.")
    ] = 10_000,
    with_parent: Annotated[bool, typer.Option(help="Stop when the process that started this dies.")] = False,
) -> None:
    """Run everything: database, cache, migrations, a demo base at first, worker, API."""
    values = settings()
    place = everything.Place(
        data_dir=_folder(data_dir), host=values.host, port=values.port if port is None else port
    )
    everything.run(
        place,
        lambda started: asyncio.run(_first_run(started.data_dir, demo_clients)),
        with_parent=with_parent,
        say=typer.echo,
    )


@app.command()
def api(host: str | None = None, port: int | None = None, data_dir: DataDir = None) -> None:
    """Serve HTTP."""
    with connected(data_dir, may_start=False):
        values = settings()
        logging.configure(level=values.log_level, as_json=values.log_json)
        uvicorn.run(
            "clientbase.app:create_app",
            factory=True,
            host=host or values.host,
            port=port or values.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )


@app.command()
def worker(data_dir: DataDir = None) -> None:
    """Do the long work: recalculations, imports, exports."""
    with connected(data_dir, may_start=False):
        worker_process.main()


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the tables to the newest version."""
    with connected(data_dir):
        schema.upgrade()
        typer.echo(f"The tables are at {schema.newest()}.")


@app.command()
def revision(message: str, data_dir: DataDir = None) -> None:
    """Write a migration: the difference between the models and the database."""
    with connected(data_dir):
        schema.upgrade()
        schema.write_revision(message)


@app.command()
def demo(clients: Clients = 10_000, seed: Seed = 1, data_dir: DataDir = None) -> None:
    """Fill the base with made-up clients, their orders and actions, and a few segments."""
    with connected(data_dir):
        schema.upgrade()
        asyncio.run(_fill(_folder(data_dir), clients, seed))


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="Who will use it.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do, as clients:read; repeat for more.")],
    data_dir: DataDir = None,
    account: Annotated[int | None, typer.Option(help="Id of the account; default: the first one.")] = None,
) -> None:
    """Make an API key and print it; it is shown this once."""
    with connected(data_dir):
        typer.echo(asyncio.run(_create_key(_folder(data_dir), account, name, scope)))


@app.command()
def openapi(
    write: Annotated[bool, typer.Option(help=f"Write {OPENAPI_FILE} instead of printing.")] = False,
) -> None:
    """Print the description of the HTTP interface."""
    text = json.dumps(create_app().openapi(), ensure_ascii=False, indent=2) + "\n"
    if write:
        OPENAPI_FILE.write_text(text, encoding="utf-8")
    else:
        typer.echo(text, nl=False)


@app.command()
def doctor(data_dir: DataDir = None) -> None:
    """Check that everything the service needs is there, and well."""
    with connected(data_dir) as addresses:
        findings = asyncio.run(checks.examine(addresses, _folder(data_dir)))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.name:<9} {finding.text}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="Default: clientbase-<time>.dump here.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Dump the database into a file that pg_restore reads."""
    target = file or Path(f"clientbase-{clock.now():%Y%m%dT%H%M%SZ}.dump")
    with connected(data_dir) as addresses:
        size = dumps.dump(addresses.owner_database_url, target)
    typer.echo(f"{target}: {size / 1024**2:.1f} MiB")


def main() -> None:
    """Run the command line; what the person at the terminal can put right is said in one sentence."""
    try:
        app()
    except (EngineError, Problem) as error:
        typer.echo(f"clientbase: {error}", err=True)
        sys.exit(1)


def _folder(data_dir: Path | None) -> Path:
    return (data_dir or settings().data_dir).expanduser().resolve()


@asynccontextmanager
async def _sessions() -> AsyncIterator[db.Sessions]:
    engine = db.make_engine(settings().database_url)
    try:
        yield db.session_factory(engine)
    finally:
        await engine.dispose()


async def _first_run(data_dir: Path, demo_clients: int) -> str:
    """The key of the first account; an account with a demo base is made where there is none yet."""
    known = load_or_create(data_dir)
    async with _sessions() as sessions:
        account_id = await _living_account(sessions, known) or await _new_account(sessions, demo_clients)
        key = await _valid_key(sessions, known) or await _new_key(sessions, account_id)
    # Remembered only now: a first run that was interrupted begins anew, in an account of its own.
    known.model_copy(update={"account_id": account_id, "api_key": key}).save(data_dir)
    return key


async def _living_account(sessions: db.Sessions, known: Credentials) -> int | None:
    async with db.reading(sessions) as session:
        return await session.scalar(select(Account.id).where(Account.id == known.account_id))


async def _new_account(sessions: db.Sessions, demo_clients: int) -> int:
    async with db.writing(sessions) as session:
        account = await accounts.create_account(session, **FIRST_ACCOUNT)
    if demo_clients:
        await _load_demo(sessions, account.id, demo_clients, seed=1)
    return account.id


async def _valid_key(sessions: db.Sessions, known: Credentials) -> str | None:
    try:
        async with db.writing(sessions) as session:
            await accounts.authenticate(session, key=known.api_key or "")
    except Unauthenticated:
        return None
    return known.api_key


async def _new_key(sessions: db.Sessions, account_id: int) -> str:
    async with db.writing(sessions) as session:
        _, key = await accounts.create_api_key(
            session, account_id=account_id, name="First key", scopes=[Scope.ADMIN]
        )
    return key


async def _load_demo(sessions: db.Sessions, account_id: int, clients: int, seed: int) -> None:
    with typer.progressbar(length=clients, label=f"Making a demo base of {clients:,} clients") as bar:
        await demo_base.load(
            sessions,
            account_id=account_id,
            clients=clients,
            seed=seed,
            progress=lambda done, total: bar.update(done - bar.pos),
        )


async def _fill(data_dir: Path, clients: int, seed: int) -> None:
    await _first_run(data_dir, demo_clients=0)
    async with _sessions() as sessions:
        await _load_demo(sessions, _account_id(data_dir), clients, seed)


async def _create_key(data_dir: Path, account: int | None, name: str, scopes: list[Scope]) -> str:
    account_id = account or _account_id(data_dir)
    async with _sessions() as sessions, db.writing(sessions) as session:
        _, key = await accounts.create_api_key(session, account_id=account_id, name=name, scopes=scopes)
    return key


def _account_id(data_dir: Path) -> int:
    known = load_or_create(data_dir).account_id
    if known is None:
        raise EngineError("There is no account yet: run `clientbase up` first, or name one with --account.")
    return known
