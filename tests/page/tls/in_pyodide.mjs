// Runs in_pyodide.py inside Pyodide: node in_pyodide.mjs '{"pyodide": …, "worker": …, "ciphers": …, "mounts": {…}}'
// It prints what the script leaves in `result`, as JSON.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const given = JSON.parse(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(path.join(given.pyodide, "pyodide.mjs")));
const python = await loadPyodide({ env: { HOME: "/home/pyodide", PYTHONDONTWRITEBYTECODE: "1" } });
for (const [inside, outside] of Object.entries(given.mounts)) python.mountNodeFS(inside, outside);
// The worker's own function, as it stands there.
const [ciphers] = fs.readFileSync(given.worker, "utf8").match(/^function ciphers\(.*?^}/ms);
const { chacha20poly1305 } = await import(pathToFileURL(given.ciphers));
python.registerJsModule("page_ciphers", new Function(`return ${ciphers}`)()(chacha20poly1305));
try {
  python.runPython(fs.readFileSync(given.script, "utf8"));
  console.log(python.runPython("import json; json.dumps(result)"));
} catch (error) {
  console.error(error.message); // without the line of Pyodide's own source that node would print, all of 1 MB
  process.exitCode = 70;
}
