// Drives Firefox over WebDriver BiDi, as Playwright cannot drive Debian's, and prints as JSON what it saw.
// node firefox.mjs <path of Firefox> <address of the site> <milliseconds to wait for what must come>
import puppeteer from "puppeteer-core";

const [executablePath, address, patience] = process.argv.slice(2);
const timeout = Number(patience);
const LINES = ["USER anna", "PASS Sommer2026", "LIST", "DELE 1", "QUIT"];

// Every other host is out of reach: the proxy is a port at which nothing listens; Firefox asks it for
// everything but this machine.
const extraPrefsFirefox = {
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
};

/** Open a page, do something there, and return what that saw, with the errors of the page's scripts. */
async function visit(browser, path, look) {
  const page = await browser.newPage();
  page.setDefaultTimeout(timeout);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(address + path);
  const seen = await look(page);
  await page.close();
  return { ...seen, errors };
}

/** Wait until the terminal has said more than `count` lines and nothing is on its way. */
const settled = (page, count) =>
  page.waitForFunction((count) => {
    const { dataset, textContent } = document.querySelector("pop3-terminal");
    if (dataset.state === "failed") throw new Error(textContent);
    return dataset.state === "ready" && document.querySelectorAll("[role=log] > *").length > count;
  }, {}, count);

async function terminal(page) {
  await page.click("[data-do=start]");
  await settled(page, 0);
  for (const line of LINES) {
    const count = (await page.$$("[role=log] > *")).length;
    await page.type("input[name=line]", line);
    await page.keyboard.press("Enter");
    await settled(page, count);
  }
  return page.evaluate(() => ({
    version: navigator.userAgent,
    log: [...document.querySelectorAll("[role=log] > * code")]
      .filter((code) => !code.matches("details > p code")).map((code) => code.innerText),
    wire: document.querySelector("[data-pane=wire]").innerText,
    folders: [...document.querySelectorAll("[data-pane=mailbox] details")].map((folder) => folder.innerText),
  }));
}

async function lesson(page) {
  await page.click("[data-do=start]");
  await page.waitForSelector("pop3-notebook[data-open]");
  await page.click("[data-do=all]");
  await page.waitForFunction(() => {
    const states = [...document.querySelectorAll("[data-cell]")].map(({ dataset }) => dataset.state);
    return states.includes("failed") || !states.some((state) => ["stored", "running"].includes(state));
  });
  return page.evaluate(() => ({
    states: [...document.querySelectorAll("[data-cell]")].map(({ dataset }) => dataset.state),
    status: document.querySelector("pop3-notebook [role=status]").innerText,
  }));
}

const browser = await puppeteer.launch({
  browser: "firefox", executablePath, extraPrefsFirefox, headless: true, timeout, protocolTimeout: timeout,
});
try {
  console.log(JSON.stringify({
    terminal: await visit(browser, "en/play/#edition=2016&transport=110&login=PlainTextLogin", terminal),
    lesson: await visit(browser, "learn/01-first-session/", lesson),
  }));
} finally {
  await browser.close();
}
