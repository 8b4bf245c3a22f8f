// Runs pytest inside Pyodide, on folders of this machine: node run.mjs '{"pyodide": …, "mounts": {…}, …}'
// mounts: what is mounted where; path: what Python imports from; argv: what pytest is called with.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { pyodide, mounts, path: places, argv } = JSON.parse(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(path.join(pyodide, "pyodide.mjs")));
const python = await loadPyodide({ env: { HOME: "/home/pyodide", PYTHONPYCACHEPREFIX: "/compiled", EXAMPLES: "0.05" } });
for (const [inside, outside] of Object.entries(mounts)) {
  if (fs.statSync(outside).isDirectory()) python.mountNodeFS(inside, outside);
  else python.FS.writeFile(inside, fs.readFileSync(outside));
}
python.globals.set("places", python.toPy(places));
python.globals.set("argv", python.toPy(argv));
try {
  process.exitCode = python.runPython(`
import os, sys
sys.path[:0] = places
os.chdir("/project")
import hypothesis_native
hypothesis_native.install()
import minipop.page
from pathlib import Path
minipop.page.install(Path("/certificates"))
import pytest
int(pytest.main(argv))
`);
} catch (error) {
  console.error(error.message); // without the line of Pyodide's own source that node would print, all of 1 MB
  process.exitCode = 70;
}
