// Runs pytest inside Pyodide: node run.mjs '{"pyodide": …, "ciphers": …, "mounts": {…}, "files": {…}, "path": […], "argv": […]}'
// pyodide: npm's package; ciphers: the module with ChaCha20-Poly1305, as the bundle has it; mounts and files:
// what of this machine is found where; path: what Python imports from; argv: what pytest is called with.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const given = JSON.parse(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(path.join(given.pyodide, "pyodide.mjs")));
const { chacha20poly1305 } = await import(pathToFileURL(given.ciphers));
const python = await loadPyodide({ env: { HOME: "/home/pyodide", ...given.env } });
const own = (bytes) => (bytes.toJs?.() ?? bytes).slice();
python.registerJsModule("page_ciphers", {
  seal: (key, nonce, data, plain) => chacha20poly1305(own(key), own(nonce), own(data)).encrypt(own(plain)),
  open: (key, nonce, data, sealed) => chacha20poly1305(own(key), own(nonce), own(data)).decrypt(own(sealed)),
});
for (const [inside, outside] of Object.entries(given.mounts)) python.mountNodeFS(inside, outside);
for (const [inside, outside] of Object.entries(given.files)) python.FS.writeFile(inside, fs.readFileSync(outside));
try {
  python.globals.set("given", python.toPy(given));
  process.exitCode = python.runPython(`
import os, sys
sys.path[:0] = given["path"]
os.chdir("/project")
from tests.page.pyodide import inside
inside.run(given["argv"], given["left_out"], given["folder"])
`);
} catch (error) {
  console.error(error.message); // without the line of Pyodide's source that node would print, all of 1 MB
  process.exitCode = 70;
}
