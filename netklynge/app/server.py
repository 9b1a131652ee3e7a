"""The local app: pages on this machine only, from a workbook to a network, a report and suggestions.

The pages are those of :mod:`netklynge.app.desk` made visible: they take files in, show what is wrong, take what is
right, and hand out what was made. They measure nothing themselves.

Who may ask: only this machine (the server listens on 127.0.0.1 and hears no other name, so that a page elsewhere
cannot pose as it), only a browser that was opened with the key of this run, and a change only from these pages.
"""

from __future__ import annotations

import re
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import quote

import jinja2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from netklynge import __version__
from netklynge.app import desk as desks
from netklynge.app import mending, running
from netklynge.app.desk import Settings
from netklynge.facilitation.introductions import STATES
from netklynge.files.limits import MAX_BYTES
from netklynge.files.outputs import folder
from netklynge.findings import Finding, NetklyngeError
from netklynge.language import LANGUAGES, Language, language
from netklynge.pages.pages import page_environment
from netklynge.parsers.template import write_template
from netklynge.study.loading import bundled, read_meta, surveys
from netklynge.study.zones import CUTS

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["ASIDE", "MAX_UPLOAD", "make_app", "serve"]

MAX_UPLOAD = MAX_BYTES // 4  # of everything that is put in at once: it is held in memory while it is read
STEPS = ("Put in", "Mend", "See and share")
THRESHOLDS = (3, 5, 10)  # what anything in a public version stands for, at least
ASIDE = ".netklynge-aside"  # what is laid aside while the app runs; swept away when it stops
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_OWN_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass
class Job:
    """What is being made: of which study, how far it is, and what went wrong."""

    name: str
    steps: int = 3
    step: int = 0
    words: str = ""
    error: NetklyngeError | str = ""
    over: bool = False

    def tell(self, words: str) -> None:
        """Hear what is begun."""
        self.step, self.words = self.step + 1, words

    def run(self, work: Callable[[Callable[[str], None]], None]) -> None:
        """Do the work; what goes wrong is kept for the page."""
        try:
            work(self.tell)
        except NetklyngeError as error:
            self.error = error
        except Exception as error:  # a thread has nobody to raise to
            self.error = _fault_words(error)
        self.over = True


def _fault_words(error: Exception) -> str:
    return f"A fault of netklynge's own: {type(error).__name__}: {error}"


# -- the server ------------------------------------------------------------------------------------------


def serve(
    place: Path,
    port: int,
    lang: str | None,
    ready: Callable[[str], object],
    show: Callable[[str], object] = lambda page: None,
) -> None:
    """Serve the app on this machine until it is stopped with ctrl-C or from its page.

    When an app runs on this desk already, that one is opened, and this returns at once.

    Parameters
    ----------
    place : Path
        The desk: the folder that everything is kept in; made if it is not there, for its owner alone.
    port : int
        0 takes one that is free.
    lang : {"en", "nb"}, optional
        Language of the pages until somebody chooses one there; default is that of the browser.
    ready : callable
        Hears the address to open, with a key in it that opens it once.
    show : callable, optional
        Hears the address of a page on the desk that leads to the app: no key stands in it.

    Raises
    ------
    NetklyngeError
        The folder cannot be made, or the port is taken.
    """
    import uvicorn

    desk = running.private_folder(Path(place))
    lock = running.claim(desk)
    if lock is None:
        ready(running.knock(desk))
        show(running.redirect(desk, running.knock(desk)).as_uri())
        return
    try:
        _sweep(desk)
        with socket.socket() as door:
            try:
                door.bind(("127.0.0.1", port))
            except (OSError, OverflowError) as error:
                why = getattr(error, "strerror", None) or error
                raise NetklyngeError(f"port {port} cannot be used: {why}") from None
            door.listen()
            address = f"http://127.0.0.1:{door.getsockname()[1]}"
            app = make_app(desk, secrets.token_urlsafe(32), lang)
            running.tell(lock, address, app.state.secret)
            config = uvicorn.Config(app, log_level="critical", access_log=False, server_header=False)
            config.timeout_graceful_shutdown = 2
            server = uvicorn.Server(config)
            app.state.stop = lambda: setattr(server, "should_exit", True)
            ready(f"{address}/?key={app.state.new_key()}")
            show(running.redirect(desk, f"{address}/?key={app.state.new_key()}").as_uri())
            server.run(sockets=[door])
    except KeyboardInterrupt:  # the server has closed by then
        pass
    finally:
        _sweep(desk)
        running.release(desk, lock)


def _sweep(desk: Path) -> None:
    """Remove what an earlier run, or this one, left half-made."""
    shutil.rmtree(desk / ASIDE, ignore_errors=True)
    for place in (desk, *(desk / name for name in desks.studies(desk))):
        for half in place.glob(".????????.part"):  # as netklynge.files.outputs names them
            shutil.rmtree(half) if half.is_dir() else half.unlink()


def make_app(desk: Path, key: str, lang: str | None = None) -> Starlette:
    """The app on a desk; a browser is let in with a key, once, and then bears another secret of this run.

    Parameters
    ----------
    desk : Path
    key : str
        Lets the first browser in; ``state.new_key()`` gives others.
    lang : {"en", "nb"}, optional
    """
    post = ["POST"]
    routes = [
        Route("/", start),
        Route("/app.css", asset),
        Route("/app.js", asset),
        Route("/workbook.xlsx", workbook),
        Route("/put-in", put_in, methods=post),
        Route("/try/{name}", try_bundled, methods=post),
        Route("/stop", stop, methods=post),
        Route("/knock", another_key, methods=post),
        Route("/study/{name}", study),
        Route("/study/{name}/columns", name_columns, methods=post),
        Route("/study/{name}/survey", survey, methods=post),
        Route("/study/{name}/mend", mend, methods=post),
        Route("/study/{name}/make", make, methods=post),
        Route("/study/{name}/introduce", introduce, methods=post),
        Route("/study/{name}/making", making),
        Route("/study/{name}/making.json", how_far),
        Route("/study/{name}/{part}.zip", archive),
        Route("/study/{name}/{part}/{path:path}", handed_out),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"]),
            Middleware(BaseHTTPMiddleware, dispatch=_guarded),
        ],
        exception_handlers={NetklyngeError: _refused, HTTPException: _refused},
        lifespan=_lifetime,
    )
    app.state.desk, app.state.lang, app.state.keys = desk, lang, {key}
    app.state.token, app.state.secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    app.state.new_key = partial(_new_key, app.state.keys)
    app.state.job, app.state.worker, app.state.door = None, None, threading.Lock()
    app.state.stop = lambda: None
    return app


def _new_key(keys: set[str]) -> str:
    key = secrets.token_urlsafe(32)
    keys.add(key)
    return key


def _used(keys: set[str], given: str) -> bool:
    """Whether a key opens the app; it does so once."""
    known = [key for key in keys if secrets.compare_digest(key.encode(), given.encode())]
    keys.difference_update(known)
    return bool(known)


def another_key(request: Request) -> Response:
    """A key for a second start on the same desk; who asks has shown the secret of the desk."""
    return JSONResponse({"key": request.app.state.new_key()})


@asynccontextmanager
async def _lifetime(app: Starlette) -> AsyncIterator[None]:
    yield
    if app.state.worker is not None:  # what is being written is written to its end, within reason
        await run_in_threadpool(app.state.worker.join, 20)


async def _guarded(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
    """Let nobody in without the key, no change from another page, and nothing too large."""
    state = request.app.state
    cookie = f"netklynge-{request.url.port}"
    response: Response
    if request.url.path == "/knock":
        known = secrets.compare_digest(request.headers.get(running.KNOCK, "").encode(), state.secret.encode())
        response = await call(request) if known and request.method == "POST" else PlainTextResponse("", 403)
    elif _used(state.keys, request.query_params.get("key", "")):
        response = RedirectResponse("/", 303)  # so that the key leaves the address
        response.set_cookie(cookie, state.token, httponly=True, samesite="strict")
    elif not secrets.compare_digest(request.cookies.get(cookie, "").encode(), state.token.encode()):
        response = PlainTextResponse(_say(request).text("Open the address that netklynge wrote when it began."), 403)
    elif trouble := _foreign(request):
        response = trouble
    else:
        try:
            response = await call(request)
        except Exception as error:
            response = _problem(request, _fault_words(error), 500)
    chosen = request.query_params.get("lang")
    if chosen in LANGUAGES:
        response.set_cookie(f"{cookie}-lang", chosen, httponly=True, samesite="strict")
    for header, value in {**_HEADERS, "Content-Security-Policy": _POLICY}.items():
        response.headers.setdefault(header, value)
    return response


def _foreign(request: Request) -> Response | None:
    """What is answered to a change that does not come from these pages, or is too large; None if all is well."""
    if request.method in ("GET", "HEAD"):
        return None
    if request.headers.get("origin") != f"http://{request.headers['host']}":
        return _problem(request, "This came from another page; go back to the start and do it there.", 403)
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MAX_UPLOAD:
        return _problem(request, "This is too large: at most {0} MB can be put in at once.", 413, MAX_UPLOAD >> 20)
    return None


# -- pages -----------------------------------------------------------------------------------------------


def _say(request: Request) -> Language:
    """The language that was chosen on the page, else when the app was started, else the browser's first."""
    chosen = request.query_params.get("lang") or request.cookies.get(f"netklynge-{request.url.port}-lang")
    if chosen not in LANGUAGES:
        browser = request.headers.get("accept-language", "")[:2].lower()
        chosen = request.app.state.lang or ("nb" if browser in ("nb", "no", "nn") else "en")
    return language(chosen)


@lru_cache
def _environment(code: str) -> jinja2.Environment:
    say = language(code)
    env = page_environment(say, "netklynge.app")
    env.filters["wrong"] = lambda finding: finding.words(say, lambda part: _sheet_words(part, say))[0]
    env.filters["right"] = lambda finding: finding.words(say, lambda part: _sheet_words(part, say))[1]
    env.filters["address"] = lambda name: quote(name, safe="")
    env.globals.update(plural=say.plural, steps=STEPS, version=__version__)
    return env


def _sheet_words(file: str, say: Language) -> str:
    """A sheet of a workbook as people call it; any other text as it stands."""
    sheet = re.fullmatch(r".+\.\w+\[(.+)\]", file)
    return say.text("the sheet {0}").format(sheet.group(1)) if sheet else file


def _page(request: Request, template: str, status: int = 200, **content: Any) -> Response:
    say = _say(request)
    path = request.url.path if request.method == "GET" else "/"
    shown = {"step": 0, "desk": request.app.state.desk, "path": path, **content}
    return HTMLResponse(_environment(say.code).get_template(template).render(shown), status)


def _problem(request: Request, words: str, status: int, *details: Any) -> Response:
    told_words = _say(request).text(words)
    return _page(request, "app_problem.html", status, words=told_words.format(*details) if details else told_words)


async def _refused(request: Request, error: Exception) -> Response:
    """The page for what cannot be done."""
    if isinstance(error, HTTPException):
        words = "There is no such page." if error.status_code in (404, 405) else error.detail
        return _problem(request, words, error.status_code)
    return _page(request, "app_problem.html", 422, words=_without_places(request, error))


def _without_places(request: Request, error: Exception | str) -> str:
    """A message in the reader's language, with the names of files, but not where on the desk they lie."""
    text = error.told(_say(request)) if isinstance(error, NetklyngeError) else str(error)
    return re.sub(rf"{re.escape(str(request.app.state.desk))}[/\\](?:[^/\\:]+[/\\])*", "", text)


def _home(request: Request) -> Path:
    """The folder of the study that the address names."""
    name = request.path_params["name"]
    if name not in desks.studies(request.app.state.desk):
        raise HTTPException(404)
    return Path(request.app.state.desk / name)


def _to(home: Path, part: str = "") -> Response:
    return RedirectResponse(f"/study/{quote(home.name, safe='')}{part}", 303)


def asset(request: Request) -> Response:
    """Style or script: that of all pages, and the app's own; the browser keeps them for the page that says goodbye."""
    kind = request.url.path.rpartition(".")[2]
    files = (
        (("pages", "tokens.css"), ("pages", "page.css"), ("app", "app.css")) if kind == "css" else (("app", "app.js"),)
    )
    texts = [
        resources.files(f"netklynge.{wing}").joinpath("templates", name).read_text(encoding="utf-8")
        for wing, name in files
    ]
    kept = {"Cache-Control": "private, max-age=86400"}
    return Response("\n".join(texts), media_type="text/css" if kind == "css" else "text/javascript", headers=kept)


def start(request: Request) -> Response:
    """Where everything begins: get the workbook, put it in, or look at an example."""
    desk = request.app.state.desk
    examples = {name: read_meta(surveys() / name / "study.yaml").get("title", name) for name in bundled()}
    return _page(request, "app_start.html", examples=examples, studies=desks.studies(desk), most=MAX_UPLOAD >> 20)


def workbook(request: Request) -> Response:
    """The workbook to fill in, empty or with an example."""
    example = request.query_params.get("example") == "1"
    with tempfile.TemporaryDirectory(dir=folder(request.app.state.desk / ASIDE)) as place:
        content = write_template(Path(place) / "workbook.xlsx", example=example).read_bytes()
    return _download(content, "example.xlsx" if example else "my-district.xlsx")


def _download(content: bytes, name: str) -> Response:
    kind = "application/zip" if name.endswith(".zip") else "application/octet-stream"
    told_name = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=kind, headers={"Content-Disposition": told_name})


class _InMemory(MultiPartParser):
    """What is put in goes straight to the desk: no part of it is laid aside in a folder of the system's."""

    spool_max_size = MAX_UPLOAD


async def put_in(request: Request) -> Response:
    """Files from the page to the desk."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise HTTPException(400, "no file was chosen; choose a workbook, the tables of a study, or a survey")
    try:
        form = await _InMemory(request.headers, request.stream(), max_files=20, max_fields=20).parse()
    except MultiPartException as error:
        raise HTTPException(400, error.message) from None
    given = {
        field: [(str(part.filename), await part.read()) for part in form.getlist(field) if _is_file(part)]
        for field in ("files", "codebook")
    }
    await form.close()
    codebook = given["codebook"][0][1] if given["codebook"] else None
    name = await run_in_threadpool(desks.put_in, request.app.state.desk, given["files"], codebook)
    return _to(request.app.state.desk / name)


def _is_file(part: UploadFile | str) -> TypeGuard[UploadFile]:
    """Whether a part of a form is a file that somebody chose: a browser sends an empty one for none."""
    return isinstance(part, UploadFile) and bool(part.filename)


def try_bundled(request: Request) -> Response:
    """A bundled study to the desk."""
    return _to(request.app.state.desk / desks.try_bundled(request.app.state.desk, request.path_params["name"]))


def stop(request: Request) -> Response:
    """Close the app."""
    request.app.state.stop()
    return _page(request, "app_stopped.html")


def study(request: Request) -> Response:
    """What comes next for a study: say what the file is, its codebook, what must be mended, or what was made."""
    home = _home(request)
    stage = desks.stage(home)
    if stage == "unclear":
        return _page(request, "app_columns.html", name=home.name, columns=desks.unnamed_columns(home))
    if stage == "survey":
        return _survey_page(request, home)
    shown, found = desks.read_copy(home)
    return _mend_page(request, home, found) if shown is None else _results_page(request, home, shown)


def _survey_page(request: Request, home: Path) -> Response:
    found: list[Finding] = []
    readable, trouble = False, ""
    try:
        found, readable = desks.survey_findings(home)
    except NetklyngeError as error:
        trouble = _without_places(request, error)
    return _page(
        request,
        "app_survey.html",
        name=home.name,
        codebook=desks.draft_codebook(home),
        findings=found[: mending.SHOWN],
        count=len(found),
        readable=readable,
        trouble=trouble,
        step=1,
    )


def _mend_page(request: Request, home: Path, found: list[Finding]) -> Response:
    faults = mending.faults(home / "copy", found)
    strangers = any(fault.names_actor for fault in faults)
    return _page(
        request,
        "app_mend.html",
        name=home.name,
        count=len(found),
        faults=faults,
        shown=sum(len(fault.rows) for fault in faults),
        actors=mending.actor_ids(home / "copy") if strangers else [],
        here=any(fault.how != "file" for fault in faults),
        mended=request.query_params.get("mended"),
        late="late" in request.query_params,
        step=1,
    )


def _results_page(request: Request, home: Path, shown: Study) -> Response:
    ledger = desks.introductions(home)
    return _page(
        request,
        "app_results.html",
        name=home.name,
        study=shown,
        zones=_zones(shown),
        named=int((~shown.is_category).sum()),
        seen=desks.settings(home) or Settings(lang=_say(request).code),
        cuts=CUTS,
        thresholds=THRESHOLDS,
        results=_listed(home, "results"),
        public=_listed(home, "public"),
        copies=desks.made(home, "copy"),
        changes=desks.made(home, "changes"),
        members=shown.actors[~shown.is_category].sort_values("name")[["actor", "name"]].to_dict("records"),
        states=STATES,
        today=date.today().isoformat(),
        noted=0 if ledger is None else len(ledger),
        step=2,
    )


def _zones(shown: Study) -> Mapping[str, str]:
    """What each ring means in this study, by its own words."""
    return shown.meta.zones


def _listed(home: Path, part: str) -> dict[str, int]:
    """Files that were made, and their sizes."""
    return {name: (home / part / name).stat().st_size for name in desks.made(home, part)}


# -- what the pages do -----------------------------------------------------------------------------------


async def name_columns(request: Request) -> Response:
    """A file that is no study becomes a list of ties, or a survey."""
    home = _home(request)
    async with request.form() as form:
        entries = {key: str(value) for key, value in form.items()}
    if entries.get("kind") == "survey":
        await run_in_threadpool(desks.draft_codebook, home)
    else:
        await run_in_threadpool(desks.name_columns, home, entries)
    return _to(home)


async def survey(request: Request) -> Response:
    """A codebook that was changed on the page is kept; on request the answers become a study."""
    home = _home(request)
    async with request.form() as form:
        book, go_on = form.get("codebook"), "go-on" in form
    await run_in_threadpool(desks.keep_codebook, home, str(book or ""))
    if go_on:
        await run_in_threadpool(desks.import_answers, home)
    return _to(home)


async def mend(request: Request) -> Response:
    """What was entered is written into the copy, which is then checked again."""
    home = _home(request)
    async with request.form(max_fields=4 * mending.SHOWN) as form:
        entries = {key.removeprefix("v-"): str(value) for key, value in form.items() if key.startswith("v-")}
        dropped = [key.removeprefix("d-") for key in form if key.startswith("d-")]
    count, late = await run_in_threadpool(desks.mend, home, entries, dropped)
    return _to(home, f"?mended={count}" + ("&late=1" if late else ""))


async def introduce(request: Request) -> Response:
    """Two that were brought together are noted in the ledger."""
    home = _home(request)
    async with request.form() as form:
        noted = [str(form.get(field) or "") for field in ("actor", "alter", "state", "day", "note")]
    await run_in_threadpool(desks.introduce, home, *noted)
    return _to(home, "#introductions")


async def make(request: Request) -> Response:
    """Begin to make the results or the public version; one at a time."""
    home = _home(request)
    async with request.form() as form:
        entries = {key: str(value) for key, value in form.items()}
    seen = _settings(entries, _say(request).code)
    k = int(entries["k"]) if entries.get("k") in {str(k) for k in THRESHOLDS} else THRESHOLDS[0]
    state = request.app.state
    with state.door:
        if state.job is not None and not state.job.over:
            raise NetklyngeError(_say(request).text("Something is being made already; wait until it is done."))
        job = state.job = Job(home.name)
    work = partial(desks.make_public, home, seen, k) if "public" in entries else partial(desks.make, home, seen)
    state.worker = threading.Thread(target=job.run, args=(work,), daemon=True)
    state.worker.start()
    return _to(home, "/making")


def _settings(entries: Mapping[str, str], lang: str) -> Settings:
    year = entries.get("year", "").strip()
    if year and not re.fullmatch(r"[1-9]\d{3}", year):
        raise NetklyngeError(language(lang).text("The year must have four digits, such as 2005, or be left blank."))
    return Settings(
        cut=entries["cut"] if entries.get("cut") in CUTS else CUTS[0],
        year=int(year) if year else None,
        lang=entries["lang"] if entries.get("lang") in LANGUAGES else lang,
    )


def making(request: Request) -> Response:
    """How far it is; when it is done, on to the results."""
    home, job = _home(request), request.app.state.job
    if job is None or job.name != home.name or (job.over and not job.error):
        return _to(home)
    if job.over:
        return _page(request, "app_problem.html", 422, words=_without_places(request, job.error), name=home.name)
    return _page(request, "app_making.html", name=home.name, job=job, step=2)


def how_far(request: Request) -> Response:
    """The same for the script of the page."""
    job = request.app.state.job
    if job is None:
        raise HTTPException(404)
    return JSONResponse(
        {"step": job.step, "steps": job.steps, "words": _say(request).text(job.words), "over": job.over}
    )


def handed_out(request: Request) -> Response:
    """A file that was made, or the copy that was mended; nothing else of the desk."""
    home, part, path = _home(request), request.path_params["part"], request.path_params["path"]
    if path not in desks.made(home, part):
        raise HTTPException(404)
    file = home / part / path
    name = {"copy": file.name, "public": f"{home.name}-public-{file.name}"}.get(part, f"{home.name}-{file.name}")
    response = FileResponse(file, filename=name if "save" in request.query_params else None)
    if file.suffix == ".html":
        own = _OWN_POLICY.search(file.read_text(encoding="utf-8")[:4000])
        if own:
            response.headers["Content-Security-Policy"] = f"{own.group(1)}; frame-ancestors 'none'"
    return response


def archive(request: Request) -> Response:
    """Everything that was made of one kind, as one file."""
    home, part = _home(request), request.path_params["part"]
    if not desks.made(home, part):
        raise HTTPException(404)
    return _download(desks.packed(home, part), f"{home.name}-{part}.zip")
