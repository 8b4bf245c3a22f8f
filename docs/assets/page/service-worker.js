// Answers for the site where there is no network, with what a reader has chosen to keep (offline.js).
// Pages are fetched as ever, and taken from what is kept only if that fails: online, nobody reads an old page.

const SITE = {}; // website/build/offline.py writes here version and files
const PREFIX = "offline-";
const NAME = PREFIX + SITE.version;
const HOW = { ignoreSearch: true, ignoreVary: true };

addEventListener("install", (event) => {
  event.waitUntil(keep());
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

async function keep() {
  const kept = await caches.open(NAME);
  try {
    await kept.addAll(SITE.files);
  } catch (error) {
    await caches.delete(NAME);
    throw error;
  }
  skipWaiting();
}

async function forgetOthers() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function answer(request) {
  const kept = () => caches.open(NAME).then((cache) => cache.match(request, HOW));
  if (/\/lab\/[0-9a-f]{10}\//.test(request.url)) return (await kept()) ?? fetch(request); // never changes
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept();
    if (found) return found;
    throw error;
  }
}
