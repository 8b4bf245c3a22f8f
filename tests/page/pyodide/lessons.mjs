// Runs lessons with the bundle that the site publishes, in one Python each: node lessons.mjs BUNDLE LESSON.ipynb …
// A line of JSON for each code cell: what came of it.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const [bundle, ...lessons] = process.argv.slice(2);
const read = (name) => fs.readFileSync(path.join(bundle, name));
const load = (name) => import(pathToFileURL(path.join(bundle, name)));
const { modules, unpacked, lock } = JSON.parse(read("bundle.json"));
const { loadPyodide } = await load("pyodide.js");
const { default: createPyodideModule } = await load("pyodide.asm.js");
const { chacha20poly1305 } = await load("ciphers.js");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lessons-"));
const library = path.join(folder, "stdlib.zip");
fs.writeFileSync(library, gunzipSync(read("stdlib.zip.gz")));
const own = (proxy) => proxy.toJs().slice();

for (const lesson of lessons) {
  const python = await loadPyodide({
    createPyodideModule,
    env: { HOME: "/home/pyodide" },
    lockFileContents: lock,
    packageBaseUrl: `${bundle}/`,
    stdLibURL: library,
    stdout: () => {},
    stderr: () => {},
  });
  python.unpackArchive(new Uint8Array(gunzipSync(read("minipop.zip.gz"))).buffer, "zip", { extractDir: unpacked });
  python.registerJsModule("page_ciphers", {
    seal: (key, nonce, data, plain) => chacha20poly1305(own(key), own(nonce), own(data)).encrypt(own(plain)),
    open: (key, nonce, data, sealed) => chacha20poly1305(own(key), own(nonce), own(data)).decrypt(own(sealed)),
  });
  const fetchNow = (name) => (fs.existsSync(path.join(bundle, name)) ? new Uint8Array(read(name)) : undefined);
  python.pyimport("minipop.page.archives").install(python.toPy(modules), fetchNow, unpacked);
  python.pyimport("minipop.page").install();
  const cells = python.pyimport("minipop.page.cells").Cells();
  const lang = path.basename(path.dirname(lesson));
  for (const { cell_type: type, id, source } of JSON.parse(fs.readFileSync(lesson, "utf8")).cells) {
    if (type !== "code") continue;
    const [printed, value, error] = cells.run(id, source.join(""), lang).toJs({ dict_converter: Object.fromEntries });
    fs.writeSync(1, `${JSON.stringify({ lang, lesson: path.basename(lesson, ".ipynb"), id, printed, value, error })}\n`);
  }
}
fs.rmSync(folder, { recursive: true });
process.exit();
