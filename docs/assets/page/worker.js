// Holds Pyodide with minipop in it: one worker for a page. engine.js, in the page, is the only one to talk to it.
//
//   to the worker  {id, call, arguments}
//   to the page    {progress: {stage, loaded, total}}   stage: download, python, minipop, ready; else bytes
//                  {id, out}                            what Python prints while it works on a call
//                  {id, value} or {id, error: {kind, message, file}}   kind: download, python, fatal

const BUNDLE = {}; // website/page/bundle.py writes here what lies beside this file

class DownloadError extends Error {
  kind = "download";

  constructor(file) {
    super(`${file} could not be downloaded`);
    this.file = file;
  }
}

const address = (name) => new URL(name, import.meta.url).href;

let python;
let desk;
let calling; // the id of the call that Python works on

// --- Download -------------------------------------------------------------------------------

const total = () => BUNDLE.starts.reduce((sum, name) => sum + transferred(name), 0);
const transferred = (name) => BUNDLE.files[name][1];
const shares = new Map(); // how much of a file has come, 0 to 1

function tell(stage) {
  const loaded = [...shares].reduce((sum, [name, share]) => sum + transferred(name) * Math.min(share, 1), 0);
  postMessage({ progress: { stage, loaded: Math.round(loaded), total: total() } });
}

function count(name, share = 1) {
  shares.set(name, (shares.get(name) ?? 0) + share);
  tell("download");
}

const failed = (name) => () => { throw new DownloadError(name); };

/** Import a module; it is counted when it is there. */
async function module(name) {
  const exported = await import(address(name)).catch(failed(name));
  count(name);
  return exported;
}

/** Fetch a file, and count its bytes while they come. */
async function download(name) {
  const response = await fetch(address(name)).catch(failed(name));
  if (!response.ok) throw new DownloadError(name);
  const counted = (async () => {
    const reader = response.clone().body.getReader();
    for (let read; !(read = await reader.read()).done; ) count(name, read.value.length / BUNDLE.files[name][0]);
  })().catch(failed(name));
  return { name, response, counted };
}

/** Return the content of a file that was compressed as a whole, also if the server sends it unpacked. */
async function unpacked({ name, response, counted }) {
  const [bytes] = await Promise.all([response.arrayBuffer().catch(failed(name)), counted]);
  if (new DataView(bytes).getUint16(0) !== 0x1f8b) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** Fetch a file while Python waits, as an import must; undefined if it does not come. */
function fetchNow(name) {
  const request = new XMLHttpRequest();
  request.open("GET", address(name), false);
  request.responseType = "arraybuffer";
  try {
    request.send();
  } catch {
    return undefined;
  }
  return request.status === 200 ? new Uint8Array(request.response) : undefined;
}

// --- Start ----------------------------------------------------------------------------------

async function start() {
  tell("download");
  const modules = Promise.all(["pyodide.js", "pyodide.asm.js", "ciphers.js"].map(module));
  const wasm = download("pyodide.asm.wasm");
  const [library, minipop] = ["stdlib.zip.gz", "minipop.zip.gz"].map((name) => download(name).then(unpacked));
  const complete = Promise.all([modules, wasm.then(({ counted }) => counted), library, minipop]);
  complete.then(() => tell("python"), () => {});
  // Whichever fails first: Pyodide itself would wait for ever for a file that does not come.
  [python] = await Promise.all([load(modules, wasm, library), complete]);

  tell("minipop");
  unpack(await minipop, BUNDLE.unpacked);
  listen();
  const [, , { chacha20poly1305 }] = await modules;
  python.registerJsModule("page_ciphers", ciphers(chacha20poly1305));
  python.pyimport("minipop.page.archives").install(python.toPy(BUNDLE.modules), fetchNow, BUNDLE.unpacked);
  python.pyimport("minipop.page").install();
  desk = python.pyimport("minipop.page.desk");
  tell("ready");
}

/** Start Pyodide with files that are being fetched already. */
async function load(modules, wasm, library) {
  const [{ loadPyodide }, { default: createPyodideModule }] = await modules;
  const { fetch } = globalThis;
  const { instantiateStreaming } = WebAssembly;
  globalThis.fetch = async (resource) =>
    String(resource).endsWith(".wasm") ? asWasm((await wasm).response) : new Response(await library);
  const instantiated = new Promise((resolve, reject) => {
    WebAssembly.instantiateStreaming = (...given) => {
      const instance = instantiateStreaming.apply(WebAssembly, given);
      // Pyodide would only warn, and wait for ever. If the file has not come whole, that is told elsewhere.
      instance.then(resolve, async (error) => (await wasm).counted.then(() => reject(error), () => {}));
      return instance;
    };
  });
  try {
    const options = {
      createPyodideModule,
      env: { HOME: "/home/pyodide" },
      lockFileContents: BUNDLE.lock,
      packageBaseUrl: address("./"),
      stdLibURL: address("stdlib.zip.gz"),
    };
    return (await Promise.all([loadPyodide(options), instantiated]))[0];
  } finally {
    Object.assign(globalThis, { fetch });
    Object.assign(WebAssembly, { instantiateStreaming });
  }
}

/** Return a response that is WebAssembly by its header, which not every server sends. */
function asWasm(response) {
  if (response.headers.get("content-type")?.startsWith("application/wasm")) return response;
  return new Response(response.body, { headers: { "content-type": "application/wasm" } });
}

/** Write the files of a zip file into Python's file system; nothing in it is compressed, see compile_archives.py. */
function unpack(archive, folder) {
  const view = new DataView(archive);
  const end = archive.byteLength - 22; // of the directory, which tells how many entries there are and where
  let entry = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const [letters, more, comment] = [28, 30, 32].map((at) => view.getUint16(entry + at, true));
    const name = folder + new TextDecoder().decode(new Uint8Array(archive, entry + 46, letters));
    const local = view.getUint32(entry + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    python.FS.mkdirTree(name.slice(0, name.lastIndexOf("/")));
    python.FS.writeFile(name, new Uint8Array(archive, start, view.getUint32(entry + 24, true)));
    entry += 46 + letters + more + comment;
  }
}

/** Send what Python prints to the page, line by line. */
function listen() {
  for (const set of ["setStdout", "setStderr"]) {
    const decoder = new TextDecoder();
    python[set]({
      write(bytes) {
        if (calling !== undefined) postMessage({ id: calling, out: decoder.decode(bytes, { stream: true }) });
        return bytes.length;
      },
    });
  }
  python.runPython("import sys; sys.dont_write_bytecode = True; sys.stdout.reconfigure(line_buffering=True)");
}

/** What minipop.page.tls uses for the bulk of a connection; Python gives and gets bytes. */
function ciphers(chacha20poly1305) {
  const own = (bytes) => (bytes.toJs?.() ?? bytes).slice(); // a copy, because Python may move its memory
  return {
    seal: (key, nonce, data, plain) => chacha20poly1305(own(key), own(nonce), own(data)).encrypt(own(plain)),
    open: (key, nonce, data, sealed) => chacha20poly1305(own(key), own(nonce), own(data)).decrypt(own(sealed)),
  };
}

// --- Calls ----------------------------------------------------------------------------------

function answer(id, call, given) {
  calling = id;
  try {
    return JSON.parse(desk.call(call, JSON.stringify(given)));
  } finally {
    python.runPython("sys.stdout.flush()");
    calling = undefined;
  }
}

function described(error) {
  const message = String(error.message ?? error);
  if (error.kind) return { kind: error.kind, message, file: error.file };
  if (error.type !== "DownloadError") return { kind: error.type ? "python" : "fatal", message };
  return { kind: "download", message, file: /(\S+) could not be downloaded/.exec(message)?.[1] };
}

addEventListener("message", async ({ data: { id, call, arguments: given } }) => {
  try {
    postMessage({ id, value: call === "start" ? await start() : answer(id, call, given) });
  } catch (error) {
    postMessage({ id, error: described(error) });
  }
});
