"""How the site is published: workflow, container, and deploy/nginx.conf in Debian's nginx before a browser.

The container itself is not built here: that would need images from another host. What it does is held
against the Makefile, and its configuration runs below.
"""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from playwright.sync_api import Page

from evidence.patience import PATIENCE
from tests.site import checks
from tests.site.projects import ROOT, small_project
from website.build import csp

NGINX_CONF = ROOT / "deploy" / "nginx.conf"
POLICY = re.compile(r'Content-Security-Policy "([^"]+)"')
PAGES_OF_A_SITE = (
    "",
    "learn/04-ports-and-mechanisms/",
    "guide/ports-and-encryption/",
    "about/performance/",
    "reference/replies/",
)
WATCH = """
    window.refused = [];
    addEventListener("securitypolicyviolation", event => refused.push(
        [event.violatedDirective, event.blockedURI, event.sample].join(" "),
    ));
"""
TRESPASS = """() => new Promise(resolve => {
    addEventListener("securitypolicyviolation", event => resolve(event.effectiveDirective), {once: true});
    const script = document.createElement("script");
    script.textContent = "document.title = 'trespassed'";
    document.head.append(script);
    setTimeout(() => resolve("nothing was refused"), 5000);
})"""


# --- GitHub Pages ----------------------------------------------------------------------------


@pytest.fixture
def workflow() -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text("utf-8"))
    return loaded


def test_the_site_is_published_from_main_alone_and_one_at_a_time(workflow: dict[Any, Any]) -> None:
    assert workflow[True] == {"push": {"branches": ["main"]}, "workflow_dispatch": None}  # YAML's `on`
    assert workflow["concurrency"] == {"group": "pages", "cancel-in-progress": False}


def test_the_workflow_builds_strictly_for_its_address_and_publishes(workflow: dict[Any, Any]) -> None:
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    steps = [step.get("uses", step.get("run")) for step in build["steps"]]
    assert [step.partition("@")[0] for step in steps] == [
        "actions/checkout",
        "actions/setup-python",
        "actions/configure-pages",
        "make build",
        "actions/upload-pages-artifact",
    ]
    configure, make, upload = build["steps"][2:]
    assert make["env"] == {
        "SITE_URL": f"${{{{ steps.{configure['id']}.outputs.base_url }}}}",
        "REPOSITORY_URL": "${{ github.server_url }}/${{ github.repository }}",
    }
    assert upload["with"] == {"path": "site"}
    assert "mkdocs build --strict" in (ROOT / "Makefile").read_text("utf-8")
    assert [step["uses"].partition("@")[0] for step in publish["steps"]] == ["actions/deploy-pages"]
    assert publish["needs"] == "build"
    assert publish["environment"]["name"] == "github-pages"


def test_the_workflow_may_do_no_more_than_it_must(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "build": {"contents": "read", "pages": "read"},
        "publish": {"pages": "write", "id-token": "write"},
    }


def test_every_workflow_runs_githubs_own_actions_alone_by_major_version() -> None:
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        text = path.read_text("utf-8")
        used = re.findall(r"\buses: *(\S+)", text)
        assert used, path
        assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@v\d+", action)] == [], path
        assert re.findall(r"\w+://\S+", text) == [], path
    ours: dict[str, str] = {}
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for action, version in re.findall(r"\buses: *(\S+)@(\S+)", path.read_text("utf-8")):
            assert ours.setdefault(action, version) == version, f"{path}: {action}"


# --- The container ---------------------------------------------------------------------------


def test_the_container_is_built_like_the_site_here() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for command in ("--require-hashes -r requirements.txt", "--no-deps --no-build-isolation -e ."):
        assert command in text
        assert command in makefile
    assert "--require-hashes -r requirements-node.txt" in text
    options = {"ci", "--ignore-scripts", "--omit=optional", "--omit=dev", "--no-audit", "--no-fund"}
    (npm,) = re.findall(r"&& npm (.*)$", text, re.MULTILINE)
    assert set(npm.split()) == options
    assert options - {"--omit=dev"} <= set(
        re.findall(r"[\w=-]+", re.findall(r"^NPM .*$", makefile, re.MULTILINE)[0])
    )
    assert "python -m mkdocs build --strict && python -m website.build.csp site deploy/nginx.conf" in text
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == [
        "docker.io/library/python:3.13-slim",
        "docker.io/nginxinc/nginx-unprivileged:stable-alpine",
    ]
    (port,) = re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE)
    configuration = NGINX_CONF.read_text("utf-8")
    assert f"listen {port};" in configuration
    (root,) = re.findall(r"^ +root (\S+);$", configuration, re.MULTILINE)
    assert f"/project/site {root}\n" in text
    assert "/project/deploy/nginx.conf /etc/nginx/conf.d/default.conf\n" in text


def test_the_container_gets_all_that_the_build_needs_and_nothing_that_make_wrote() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    left_out = {line for line in lines if line and not line.startswith("#")}
    written = {".git", ".venv", "node_modules", "site"}
    assert written <= left_out
    folders = ("bench", "deploy", "docs", "notebooks", "overrides", "src", "tests", "website")
    needed = (*folders, "*.md", "*.toml")
    assert [name for name in left_out if name.lstrip("*/").rstrip("/") in needed] == []


# --- nginx -----------------------------------------------------------------------------------


@contextmanager
def nginx(folder: Path, *servers: str) -> Iterator[None]:
    """Run Debian's nginx in the foreground, with its files in a folder, until it is no longer needed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("no nginx on this machine (Debian's package is in apt.txt)")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "main.conf"
    main.write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
        "http { include /etc/nginx/mime.types; default_type application/octet-stream; access_log off;\n"
        f"{temporary}{''.join(servers)}}}\n",
        encoding="utf-8",
    )
    ports = [int(port) for port in re.findall(r"listen 127\.0\.0\.1:(\d+);", "".join(servers))]
    log = folder / "log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen([program, "-p", folder, "-e", "stderr", "-c", main], stderr=errors)
    try:
        for port in ports:
            _wait(port, process, log)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text("utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nginx does not listen on {port}: {log.read_text('utf-8')}")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def server(configuration: Path, site: Path, port: int) -> str:
    """Return a configuration as it is committed, but for port and folder."""
    text = configuration.read_text("utf-8")
    for old, new in (("listen 8080;", f"listen 127.0.0.1:{port};"), ("/usr/share/nginx/html;", f"{site};")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def address(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site behind deploy/nginx.conf."""
    port = free_port()
    with nginx(tmp_path_factory.mktemp("nginx"), server(NGINX_CONF, site, port)):
        yield f"http://127.0.0.1:{port}/"


def head(url: str, path: str) -> tuple[int, dict[str, str]]:
    """Ask for a path as a browser does; return status and headers."""
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=PATIENCE)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}


def test_the_policy_is_that_of_the_site(site: Path) -> None:
    (written,) = POLICY.findall(NGINX_CONF.read_text("utf-8"))
    assert written == csp.policy(site), "renew it: python -m website.build.csp site deploy/nginx.conf"


def test_no_page_holds_what_no_hash_can_allow(site: Path) -> None:
    """The browser below sees some pages, this test all of them."""
    refused = re.compile(
        r"<style\b|<[a-z][^<>]*\son[a-z]+\s*=|<[a-z][^<>]*\shref=.javascript:", re.IGNORECASE
    )
    found = {page: refused.search(path.read_text("utf-8")) for page, path in checks.page_files(site).items()}
    assert {page: match[0] for page, match in found.items() if match} == {}


def test_a_configuration_without_a_policy_is_not_renewed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<script>1</script>", encoding="utf-8")
    (tmp_path / "nginx.conf").write_text("server {}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="0 lines with a Content-Security-Policy"):
        csp.renew(tmp_path / "nginx.conf", tmp_path)


class Listener:
    """What a page complains of."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)


@pytest.mark.parametrize("start", ["", "en/"], ids=["de", "en"])
def test_the_policy_lets_every_part_of_the_site_work(page: Page, address: str, start: str) -> None:
    listener = Listener(page)
    for name in PAGES_OF_A_SITE:
        page.goto(f"{address}{start}{name}", wait_until="networkidle")
        assert page.evaluate("refused") == [], name
    page.click("label[for=__palette_1]:visible")  # the colour scheme
    page.wait_for_selector("body[data-md-color-scheme=default]")
    page.click(".md-search__input")
    page.type(".md-search__input", "POP3")
    page.wait_for_selector(".md-search-result__item")
    assert page.evaluate("refused") == []
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != before)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("refused") == []
    assert listener.errors == []


def test_the_policy_refuses_what_is_not_the_sites(page: Page, address: str) -> None:
    page.add_init_script(WATCH)
    page.goto(address)
    title = page.title()
    assert page.evaluate(TRESPASS) == "script-src-elem"
    assert page.title() == title


def _ways_out(page: Page, root: str, path: str, places: Sequence[str]) -> list[str]:
    """Return where the 404 page leads, in the one language that it shows: the one of the address."""
    lang = "en" if path.startswith("en/") else "de"
    shown = page.locator("article section:visible")
    assert shown.evaluate_all("parts => parts.map(part => part.lang)") == [lang]
    assert page.get_attribute("html", "lang") == lang
    links: list[str] = shown.locator("a").evaluate_all("links => links.map(link => link.href)")
    start = f"{root}en/" if lang == "en" else root
    assert [link.removesuffix("index.html") for link in links] == [start + place for place in places]
    return links


@pytest.mark.parametrize("path", ["nope", "nope/deeper/", "en/nope", "en/learn/nope/"])
def test_what_does_not_exist_gets_the_404_page_with_a_way_out(page: Page, address: str, path: str) -> None:
    listener = Listener(page)
    response = page.goto(address + path, wait_until="networkidle")
    assert response is not None
    assert response.status == 404
    assert page.inner_text("article h1") == "404"
    assert page.evaluate("refused") == []
    assert [error for error in listener.errors if "404 (Not Found)" not in error] == []
    links = _ways_out(page, address, path, ["", "reference/replies/", "how-to/get-mail-back/"])
    for link in links:
        answer = page.request.get(link)
        assert answer.ok
    page.locator("article section:visible a").first.click()
    page.wait_for_selector(
        f"html[lang={'en' if path.startswith('en/') else 'de'}] .md-content h1:not(:text('404'))"
    )


def test_the_browser_keeps_the_colour_scheme_and_nothing_else(page: Page, address: str) -> None:
    for path in ("", "learn/04-ports-and-mechanisms/"):
        page.goto(address + path, wait_until="networkidle")
    page.click(".md-search__input")
    page.type(".md-search__input", "POP3")
    page.wait_for_selector(".md-search-result__item")
    kept = page.evaluate("[document.cookie, Object.keys(localStorage), Object.keys(sessionStorage)]")
    assert kept == ["", ["/.__palette"], []]
    assert page.context.cookies() == []


def test_the_language_switch_works(page: Page, address: str) -> None:
    for path in ("", "learn/04-ports-and-mechanisms/"):
        page.goto(address + path)
        for language, expected in (("en", f"en/{path}"), ("de", path)):
            page.hover(".md-header .md-select")
            page.click(f".md-header a[hreflang={language}]")
            page.wait_for_url(address + expected)
            assert page.get_attribute("html", "lang") == language


def test_text_is_compressed_and_said_to_be_utf_8(address: str) -> None:
    index = "/search/search_index.json"
    notebook = "/learn/01-first-session/01-first-session.ipynb"
    for path, kind in (
        ("/", "text/html; charset=utf-8"),
        ("/en/", "text/html; charset=utf-8"),
        ("/assets/site.css", "text/css; charset=utf-8"),
        (index, "application/json; charset=utf-8"),
        (notebook, "application/x-ipynb+json"),
    ):
        status, headers = head(address, path)
        assert (status, headers["content-type"]) == (200, kind)
        assert headers["content-encoding"] == "gzip", path
        assert headers["vary"] == "Accept-Encoding"


def test_what_has_a_hash_in_its_name_is_kept_and_all_else_asked_for_anew(address: str, site: Path) -> None:
    hashed = sorted(
        path.relative_to(site).as_posix()
        for path in (site / "assets").rglob("*.min.*s")
        if re.search(r"\.[0-9a-f]{8}\.min\.", path.name)
    )
    assert len(hashed) >= 4  # two style sheets, Material's script, the search's
    kept = "public, max-age=31536000, immutable"
    assert {path: head(address, f"/{path}")[1]["cache-control"] for path in hashed} == dict.fromkeys(
        hashed, kept
    )
    (lab,) = (site / "lab").iterdir()
    for name in ("worker.js", "pyodide.asm.wasm", "stdlib.zip.gz"):
        assert head(address, f"/lab/{lab.name}/{name}")[1]["cache-control"] == kept, name
    missing = ("/nope.01234567.min.js", "/lab/0123456789/worker.js")
    for path in (
        "/",
        "/learn/04-ports-and-mechanisms/",
        "/assets/site.js",
        "/assets/page/engine.js",
        *missing,
    ):
        assert head(address, path)[1]["cache-control"] == "no-cache", path
    etag = head(address, "/assets/site.js")[1]["etag"]
    connection = http.client.HTTPConnection(address.split("/")[2], timeout=PATIENCE)
    connection.request("GET", "/assets/site.js", headers={"If-None-Match": etag})
    assert connection.getresponse().status == 304
    connection.close()


#: What a browser fetches between the click and the Lab; engine.js and the element are there already.
STARTED = (
    ("worker.js", "application/javascript; charset=utf-8"),
    ("pyodide.js", "application/javascript; charset=utf-8"),
    ("pyodide.asm.js", "application/javascript; charset=utf-8"),
    ("ciphers.js", "application/javascript; charset=utf-8"),
    ("pyodide.asm.wasm", "application/wasm"),
    ("stdlib.zip.gz", "application/gzip"),
    ("minipop.zip.gz", "application/gzip"),
)


def transferred(address: str, path: str) -> tuple[str, int]:
    """Fetch a path as a browser does; return its type and how many bytes came over the line."""
    connection = http.client.HTTPConnection(address.split("/")[2], timeout=PATIENCE)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    assert response.status == 200, path
    kind, size = str(response.getheader("Content-Type")), len(response.read())
    connection.close()
    return kind, size


def test_the_lab_in_the_page_is_lean(address: str, site: Path) -> None:
    (lab,) = (site / "lab").iterdir()
    got = {name: transferred(address, f"/lab/{lab.name}/{name}") for name, _ in STARTED}
    assert {name: kind for name, (kind, _) in got.items()} == dict(STARTED)
    assert len(got) <= 8
    assert sum(size for _, size in got.values()) <= 7_500_000
    tls, *others = (
        transferred(address, f"/lab/{lab.name}/{name}.zip.gz")[1] for name in ("tls", "jwt", "msal", "spnego")
    )
    assert tls <= 700_000
    assert sum(others) <= 1_300_000


@pytest.mark.parametrize("path", ["/", "/learn/01-first-session", "/nope", "/assets/site.js"])
def test_every_answer_has_the_headers_that_protect(address: str, path: str) -> None:
    headers = head(address, path)[1]
    default, script, *_ = headers["content-security-policy"].split("; ")
    assert default == "default-src 'none'"
    assert re.fullmatch(r"script-src 'self' 'wasm-unsafe-eval'( 'sha256-[\w+/=]+')+", script)
    assert "worker-src 'self'" in headers["content-security-policy"].split("; ")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["server"] == "nginx"  # and no version


def test_a_redirect_names_no_port(address: str) -> None:
    status, headers = head(address, "/learn/01-first-session")
    assert (status, headers["location"]) == (301, "/learn/01-first-session/")


# --- Below a path ----------------------------------------------------------------------------


def code(language: str, heading: str, fence: str) -> str:
    """Return the first block of code below a heading of teach/hosting."""
    text = (ROOT / "docs" / language / "teach" / "hosting.md").read_text("utf-8")
    below = text.partition(f"{{#{heading}}}")[2]
    found = re.search(rf"^```{fence}[^\n]*\n(.*?)^```$", below, re.MULTILINE | re.DOTALL)
    assert found, f"no {fence} below #{heading}"
    return found[1]


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small site for /pop3/, in an nginx behind another one, which is set as the page says."""
    folder = tmp_path_factory.mktemp("below")
    project, site, configuration = small_project(folder / "project"), folder / "site", folder / "nginx.conf"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", "small.yml", "-d", str(site)],
        cwd=project,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "SITE_URL": "https://muster.example/pop3/"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shutil.copy(NGINX_CONF, configuration)
    csp.main(str(site), str(configuration))
    inner, outer = free_port(), free_port()
    front = code("de", "subpath", "nginx")
    assert front == code("en", "subpath", "nginx")
    assert "http://127.0.0.1:8080/" in front
    front = front.replace("http://127.0.0.1:8080/", f"http://127.0.0.1:{inner}/")
    with nginx(
        folder,
        server(configuration, site, inner),
        f"server {{ listen 127.0.0.1:{outer};\n{front}}}\n",
    ):
        yield f"http://127.0.0.1:{outer}/pop3/"


def test_the_site_works_below_a_path(page: Page, below: str) -> None:
    listener = Listener(page)
    for path in ("", "learn/01-first/"):
        page.goto(below + path, wait_until="networkidle")
        assert page.evaluate("refused") == []
        for language, expected in (("en", f"en/{path}"), ("de", path)):
            page.hover(".md-header .md-select")
            page.click(f".md-header a[hreflang={language}]")
            page.wait_for_url(below + expected)
    page.click(".md-search__input")
    page.type(".md-search__input", "Anmelden")
    page.wait_for_selector(".md-search-result__item")
    found = page.eval_on_selector_all(".md-search-result__link", "links => links.map(link => link.href)")
    assert [url for url in found if not url.startswith(f"{below}learn/")] == []
    assert listener.errors == []
    status, headers = head(below, "/pop3/learn/01-first")
    assert (status, headers["location"]) == (301, f"{below}learn/01-first/")
    assert head(below, "/pop3/")[1]["content-encoding"] == "gzip"


def test_canonical_and_sitemap_name_the_address_below_the_path(page: Page, below: str) -> None:
    page.goto(f"{below}en/")
    canonical = page.get_attribute("link[rel=canonical]", "href")
    assert canonical == "https://muster.example/pop3/en/"
    assert (
        "<loc>https://muster.example/pop3/en/learn/01-first/</loc>"
        in page.request.get(f"{below}sitemap.xml").text()
    )


@pytest.mark.parametrize("path", ["nope", "en/nope/deeper/"])
def test_the_404_page_works_below_a_path(page: Page, below: str, path: str) -> None:
    listener = Listener(page)
    response = page.goto(below + path, wait_until="networkidle")
    assert response is not None
    assert response.status == 404
    assert page.evaluate("refused") == []
    assert [error for error in listener.errors if "404 (Not Found)" not in error] == []
    _ways_out(page, below, path, [""])


def test_one_script_names_the_path_so_the_policy_is_renewed_for_it(below: str) -> None:
    (written,) = POLICY.findall(NGINX_CONF.read_text("utf-8"))
    renewed = head(below, "/pop3/")[1]["content-security-policy"]
    hashes = [{*re.findall(r"'sha256-[^']+'", policy)} for policy in (renewed, written)]
    assert len(hashes[0] - hashes[1]) == 1


# --- What the page tells to type ---------------------------------------------------------------


def test_the_configuration_for_iis_is_xml_and_the_same_in_both_languages() -> None:
    text = code("de", "iis", "xml")
    assert text == code("en", "iis", "xml")
    server = ElementTree.fromstring(text.encode()).find("system.webServer")
    assert server is not None
    kinds = {kind.get("fileExtension"): kind.get("mimeType") for kind in server.iter("mimeMap")}
    assert kinds[".ipynb"] == "application/x-ipynb+json"
    assert (kinds[".wasm"], kinds[".gz"]) == ("application/wasm", "application/gzip")
    (error,) = server.iter("error")
    assert (error.get("statusCode"), error.get("path")) == ("404", "404.html")
