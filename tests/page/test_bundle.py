"""The bundle of the Lab in the page: what is in it, that it is lean, repeatable, and made once."""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from zipfile import ZipFile

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from website.data import Problem
from website.page import bundle, ciphers
from website.page.archives import Archive, standard_library
from website.page.bundle import Bundle, build
from website.page.certificates import certificates
from website.page.compile_archives import compile_archive

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "node_modules"

#: What somebody may import, or minipop does, and would miss.
WANTED = (
    "asyncio/base_events.py",
    "asyncio/sslproto.py",
    "email/parser.py",
    "encodings/cp1252.py",
    "encodings/idna.py",
    "html/parser.py",
    "http/client.py",
    "http/server.py",
    "imaplib.py",
    "logging/config.py",
    "mailbox.py",
    "poplib.py",
    "socketserver.py",
    "ssl.py",
    "tomllib/_parser.py",
    "xml/etree/ElementTree.py",
)
#: Each package with its licence, and the file that it is in.
LICENCES = {
    "pyodide": "MPL-2.0",
    "@noble/ciphers": "MIT",
    "tlslite-ng": "LGPL-2.1",
    "ecdsa": "MIT",
    "six": "MIT",
    "msal": "MIT",
    "requests": "Apache-2.0",
    "urllib3": "MIT",
    "idna": "BSD-3-Clause",
    "certifi": "MPL-2.0",
    "charset-normalizer": "MIT",
    "PyJWT": "MIT",
    "pyspnego": "MIT",
}


@pytest.fixture(scope="module")
def made() -> Bundle:
    return build(ROOT)


def described(made: Bundle) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(made.files["bundle.json"])
    return loaded


def unpacked(content: bytes) -> ZipFile:
    return ZipFile(BytesIO(gzip.decompress(content)))


# -- what is in it ------------------------------------------------------------------------------------


def test_each_file_is_told_with_its_size_and_that_on_the_line(made: Bundle) -> None:
    told = described(made)["files"]
    assert {name: size for name, (size, _) in told.items()} == {
        name: len(content)
        for name, content in made.files.items()
        if name not in ("bundle.json", "worker.js")
        and name.removesuffix(".gz") not in made.files.keys() - {name}
    }
    assert told["pyodide.asm.wasm"][1] == len(made.files["pyodide.asm.wasm.gz"])
    assert told["tls.zip.gz"][1] == len(made.files["tls.zip.gz"])


def test_a_compressed_copy_is_the_file(made: Bundle) -> None:
    copies = ["ciphers.js", "pyodide.asm.js", "pyodide.asm.wasm", "pyodide.js", "worker.js"]
    for name in copies:
        assert gzip.decompress(made.files[f"{name}.gz"]) == made.files[name], name


def test_the_worker_knows_what_lies_beside_it(made: Bundle) -> None:
    worker = made.files["worker.js"].decode()
    (line,) = [line for line in worker.splitlines() if line.startswith("const BUNDLE = ")]
    told = json.loads(line.removeprefix("const BUNDLE = ").partition("; //")[0])
    assert told.items() <= described(made).items()
    assert set(told["starts"]) <= made.files.keys()
    assert told["lock"] == {"info": told["lock"]["info"], "packages": {}}


def test_a_module_of_a_library_leads_to_its_archive(made: Bundle) -> None:
    assert described(made)["modules"] == {
        **dict.fromkeys(("ecdsa", "six", "tlslite"), "tls.zip.gz"),
        **dict.fromkeys(
            ("certifi", "charset_normalizer", "idna", "msal", "requests", "urllib3"), "msal.zip.gz"
        ),
        "jwt": "jwt.zip.gz",
        "spnego": "spnego.zip.gz",
    }


def test_the_standard_library_keeps_what_is_wanted_and_its_help() -> None:
    library = standard_library(NODE_MODULES / "pyodide")
    assert [name for name in WANTED if name not in library.content] == []
    assert [
        name for name in ("tkinter", "test/", "xml/dom/") if any(n.startswith(name) for n in library.content)
    ] == []
    documented = {"poplib.py", "imaplib.py", "socket.py", "ssl.py", "email/message.py", "mailbox.py"}
    assert documented & library.stripped == set()
    assert {"argparse.py", "asyncio/streams.py"} <= library.stripped


def test_minipop_is_there_with_its_data_and_certificates_but_without_the_probe(made: Bundle) -> None:
    names = unpacked(made.files["minipop.zip.gz"]).namelist()
    assert {
        "minipop/__init__.pyc",
        "minipop/lab/lab.pyc",
        "minipop/wire/replies.toml",
        "minipop/page/certificates/minipop/ca.pem",
        "minipop/page/certificates/minipop/expired-1.pem",
        "minipop/page/certificates/Mallory/valid-0.pem",
        "minipop/page/certificates/signing-keys.json",
    } <= set(names)
    assert len([name for name in names if name.endswith(".eml")]) == 54
    assert [name for name in names if "probe" in name or name.endswith(".py")] == []


def test_nothing_in_it_asks_another_host() -> None:
    for name in ("worker.js", "engine.js"):
        assert "://" not in (ROOT / "docs/assets/page" / name).read_text("utf-8")


# -- licences ------------------------------------------------------------------------------------------


def test_every_package_is_named_with_its_licence_and_the_text_is_there(made: Bundle) -> None:
    page = made.files["LICENSES/README.txt"].decode()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert {package: licence for _, package, _, licence in rows} == LICENCES
    folders = {name.split("/")[1] for name in made.files if name.startswith("LICENSES/")} - {"README.txt"}
    assert folders == {"minipop", "python", "noble-ciphers", *LICENCES} - {"@noble/ciphers"}
    assert b"GNU LESSER GENERAL PUBLIC LICENSE" in made.files["LICENSES/tlslite-ng/LICENSE.txt"]
    assert b"Mozilla Public License" in made.files["LICENSES/pyodide/MPL-2.0.txt"]
    assert b"PYTHON SOFTWARE FOUNDATION LICENSE" in made.files["LICENSES/python/PSF-2.0.txt"]


def test_the_source_of_tlslite_is_beside_it_with_every_module_that_is_run(made: Bundle) -> None:
    source = set(ZipFile(BytesIO(made.files["tls-source.zip"])).namelist())
    compiled = unpacked(made.files["tls.zip.gz"]).namelist()
    assert {name.removesuffix("c") for name in compiled} <= source
    assert {"tlslite-ng/LICENSE.txt", "ecdsa/LICENSE.txt", "six/LICENSE.txt"} <= source
    assert "tlslite/tlsconnection.py" in source


# -- compiling -----------------------------------------------------------------------------------------


def test_compiled_modules_do_the_same_and_only_the_named_lose_their_docstrings(tmp_path: Path) -> None:
    source, target = tmp_path / "source.zip", tmp_path / "target.zip"
    with ZipFile(source, "w") as archive:
        archive.writestr("with_help.py", '"""Help."""\nassert True\nVALUE = __debug__\n')
        archive.writestr("without.py", '"""Help."""\nVALUE = __debug__\n')
        archive.writestr("data.toml", "x = 1\n")
    compile_archive(str(source), str(target), "/lib/", "without.py\nsomething_else.py")
    assert ZipFile(target).namelist() == ["data.toml", "with_help.pyc", "without.pyc"]
    told = "import with_help as a, without as b; print(a.__doc__, a.VALUE, b.__doc__, b.VALUE, a.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", told],
        env={"PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[:4] == ["Help.", "True", "None", "False"]


#: A set of constants, whose order follows from the seed of hashes.
SETS = "KNOWN = lambda colour: colour in {'red', 'green', 'blue', 'white', 'black', 'brown', 'pink'}\n"


@pytest.mark.slow
def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    archive = Archive("small", "/lib/", {"small.py": SETS.encode()})
    first, second = (bundle._compiled(archive, NODE_MODULES / "pyodide", tmp_path / n) for n in "ab")
    assert first == second
    assert certificates() == certificates()


@pytest.mark.slow
def test_what_is_made_once_is_taken_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pyodide = NODE_MODULES / "pyodide"
    archives = [
        Archive("one", "/lib/", {"one.py": b"x = 1\n"}),
        Archive("two", "/lib/", {"two.py": b"x = 2\n"}),
    ]
    made = [bundle._compiled(archive, pyodide, tmp_path) for archive in archives]
    run = Mock(side_effect=subprocess.run)
    monkeypatch.setattr(subprocess, "run", run)
    assert [bundle._compiled(archive, pyodide, tmp_path) for archive in archives] == made
    assert run.call_count == 0
    changed = Archive("one", "/lib/", {"one.py": b"x = 3\n"})
    assert bundle._compiled(changed, pyodide, tmp_path) != made[0]
    assert run.call_count == 1
    assert len(list(tmp_path.iterdir())) == 2  # the old one is gone


def test_a_module_that_cannot_be_compiled_is_a_problem_with_its_name(tmp_path: Path) -> None:
    archive = Archive("small", "/lib/", {"small.py": b"x = = 1\n"})
    with pytest.raises(
        Problem, match=r"^small cannot be compiled for the page: SyntaxError: invalid syntax$"
    ):
        bundle._compiled(archive, NODE_MODULES / "pyodide", tmp_path)


# -- certificates --------------------------------------------------------------------------------------


def test_certificates_are_of_their_authority_and_each_has_a_key_and_a_number_of_its_own() -> None:
    files = certificates()
    assert len(files) == 2 * (1 + 3 * 2) + 1
    seen = set()
    for organization in ("minipop", "Mallory"):
        ca = x509.load_pem_x509_certificate(files[f"{organization}/ca.pem"])
        assert ca.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == organization
        for which in ("valid", "other-name", "expired"):
            for issue in (0, 1):
                leaf = x509.load_pem_x509_certificate(files[f"{organization}/{which}-{issue}.pem"])
                leaf.verify_directly_issued_by(ca)
                assert (leaf.not_valid_after_utc.year < 2026) == (which == "expired")
                seen.add((leaf.serial_number, leaf.public_key().public_numbers().x))  # type: ignore[union-attr]
    assert len(seen) == 12


# -- ciphers -------------------------------------------------------------------------------------------

#: RFC 8439, section 2.8.2.
SEALED = """
import { chacha20poly1305 } from "./ciphers.mjs";
const hex = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const key = Uint8Array.from({ length: 32 }, (_, n) => 0x80 + n);
const [nonce, data] = [hex("070000004041424344454647"), hex("50515253c0c1c2c3c4c5c6c7")];
const text = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, " +
  "sunscreen would be it.";
const sealed = chacha20poly1305(key, nonce, data).encrypt(new TextEncoder().encode(text));
console.log(Buffer.from(sealed).toString("hex").slice(0, 32), Buffer.from(sealed).toString("hex").slice(-32));
"""


def test_the_joined_ciphers_give_the_octets_of_the_rfc(tmp_path: Path) -> None:
    (tmp_path / "ciphers.mjs").write_text(ciphers.joined(NODE_MODULES / "@noble/ciphers"), "utf-8")
    (tmp_path / "test.mjs").write_text(SEALED, "utf-8")
    done = subprocess.run([bundle.node(), tmp_path / "test.mjs"], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["d31a8d34648e60db7b86afbc53ef7ec2", "1ae10b594f09e26a7e902ecbd0600691"], (
        done.stderr
    )


def test_ciphers_that_are_written_otherwise_are_refused(tmp_path: Path) -> None:
    for name in ciphers.MODULES:
        (tmp_path / f"{name}.js").write_text('export * from "./elsewhere.js";\n', "utf-8")
    with pytest.raises(ValueError, match=r"^@noble/ciphers: utils\.js imports or exports in a way"):
        ciphers.joined(tmp_path)


# -- what is missing -----------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with npm's packages as they should be, and no cache."""
    for name in ("package.json", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "src").symlink_to(ROOT / "src")
    yield tmp_path
    build.cache_clear()


def problem(project: Path) -> str:
    with pytest.raises(Problem) as raised:
        build(project)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_without_npms_packages_one_line_says_what_to_do(project: Path) -> None:
    (project / "node_modules").unlink()
    assert problem(project) == (
        "the Lab in the page cannot be built without node_modules/@noble/ciphers/package.json; "
        "`make build` and `make serve` install it"
    )


def test_packages_of_another_version_are_told(project: Path) -> None:
    package = json.loads((project / "package.json").read_text("utf-8"))
    package["dependencies"]["pyodide"] = "1.2.3"
    (project / "package.json").write_text(json.dumps(package), "utf-8")
    found = json.loads((NODE_MODULES / "pyodide/package.json").read_text("utf-8"))["version"]
    assert problem(project) == (
        f"node_modules has pyodide {found}, not 1.2.3; `make build` and `make serve` renew it"
    )


def test_without_node_one_line_says_what_to_do(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert problem(project) == (
        "the Lab in the page cannot be built without node; `make build` and `make serve` install it"
    )
