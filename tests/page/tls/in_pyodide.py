"""What is looked at inside Pyodide; in_pyodide.mjs runs it, test_in_pyodide.py says what must come of it."""

import ast
import contextlib
import io
import json
import poplib
import ssl
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = ["/source", "/libraries"]

import minipop.page  # noqa: E402

minipop.page.install(Path("/certificates"))

from minipop import Lab  # noqa: E402
from minipop.page import tls  # noqa: E402
from minipop.page.tls import context as told  # noqa: E402

result: dict[str, Any] = {"kind": tls.kind()}


def refusal(lab: Lab, hostname: str, context: ssl.SSLContext) -> list[object]:
    """Return how a client refuses a certificate."""
    try:
        poplib.POP3_SSL(hostname, lab.tls_port, context=context)
    except ssl.SSLCertVerificationError as error:
        return [error.verify_code, error.verify_message, str(error), len(lab.transcript)]
    return []


def cells_that_run(lesson: str) -> int:
    """Return how many cells of a lesson run without an error, from the first on."""
    cells = [cell for cell in json.loads(Path(lesson).read_text())["cells"] if cell["cell_type"] == "code"]
    names = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(ast.parse("".join(cell["source"])), f"cell {number + 1}", "exec"), names)
        except ImportError:  # a library that is another part of the page
            return number
    return len(cells)


# -- what Pyodide's contexts remember, under names of its own ---------------------------------------------

shown, other = (Path(f"/certificates/minipop/valid-{issue}.pem") for issue in (0, 1))
key_file = Path("/tmp/key.pem")
key_file.write_text(shown.read_text().partition("-----BEGIN CERTIFICATE-----")[0])
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(shown, key_file)
result["server_files"] = list(told.server_files(server)) == [shown.read_text(), key_file.read_text()]
server.load_cert_chain(other)
result["other_server_files"] = list(told.server_files(server)) == [other.read_text()] * 2
try:
    server.load_cert_chain(other, key_file)
except ssl.SSLError as error:
    result["key of another"] = error.reason
client = ssl.create_default_context(cafile="/certificates/minipop/ca.pem")
result["trusted"] = [
    one.der == ssl.PEM_cert_to_DER_cert(Path("/certificates/minipop/ca.pem").read_text())
    for one in told.trusted(client)
]
result["versions"] = told.tls_versions(client)

# -- the cipher -------------------------------------------------------------------------------------------

if result["kind"] == "real":
    from minipop.page.tls.library import chacha20_poly1305

    # RFC 8439, section 2.8.2.
    key, nonce = bytearray(range(0x80, 0xA0)), bytearray.fromhex("070000004041424344454647")
    data = bytearray.fromhex("50515253c0c1c2c3c4c5c6c7")
    cipher = chacha20_poly1305.new(key)
    sealed = cipher.seal(nonce, bytearray(b"Ladies and Gentlemen"), data)
    result["cipher"] = [type(cipher).__name__, sealed[:16].hex(), cipher.open(nonce, sealed, data).decode()]
    sealed[3] ^= 1
    result["tampered"] = cipher.open(nonce, sealed, data)

# -- sessions ---------------------------------------------------------------------------------------------

with Lab("2016", lang="en", record=True) as lab:
    trusting = ssl.create_default_context(cafile=lab.ca_file)
    pop = poplib.POP3_SSL(lab.host, lab.tls_port, context=trusting)
    assert isinstance(pop.sock, ssl.SSLSocket)
    result["session"] = [pop.sock.version(), list(pop.sock.cipher() or ())]
    result["names"] = (pop.sock.getpeercert() or {})["subjectAltName"]
    pop.user("anna")
    pop.pass_("Sommer2026")
    result["largest"] = sum(len(line) + 2 for line in pop.retr(9)[1])
    pop.quit()
    result["transcript"], result["wire"] = str(lab.transcript[-1]).splitlines()[:3], str(lab.wire[-1])

refused = {"valid": ("127.0.0.1", None), "other-name": ("localhost", "ca"), "expired": ("127.0.0.1", "ca")}
result["refused"] = {}
for which, (hostname, ca) in refused.items():
    with Lab("2016", certificate=which) as lab:
        context = ssl.create_default_context(cafile=lab.ca_file if ca else None)
        result["refused"][which] = refusal(lab, hostname, context)

# -- lessons, with all that they assert -------------------------------------------------------------------

result["lessons"] = {
    f"{lang} {lesson[:2]}": cells_that_run(f"/notebooks/{lang}/{lesson}.ipynb")
    for lang in ("de", "en")
    for lesson in ("04-ports-and-mechanisms", "10-certificates-and-stls")
}
