// Compiles one archive of Python inside Pyodide.
// usage: node compile.mjs PYODIDE SOURCE TARGET ROOT   – PYODIDE is the folder of npm's package; the names of files that
// are stripped come by standard input, one a line; see compile_archives.py
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, source, target, root] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.resolve(folder, "pyodide.mjs")));
const python = await loadPyodide();
python.FS.writeFile("/source.zip", new Uint8Array(fs.readFileSync(source)));
python.runPython(fs.readFileSync(new URL("compile_archives.py", import.meta.url), "utf8"));
try {
  python.globals.get("compile_archive")("/source.zip", "/target.zip", root, fs.readFileSync(0, "utf8"));
  fs.writeFileSync(target, python.FS.readFile("/target.zip"));
} catch (error) {
  console.error(error.message); // alone: node would print the line of Pyodide as well, which is a megabyte
  process.exit(1);
}
