// Finds what the error decoder knows in a paste. It is the twin of src/minipop/explain/tokens.py and finder.py: the
// same steps under the same names, on the same patterns. A test gives both the same lines; what is changed
// here is changed there.

const LONGEST_PASTE = 1100000, LONGEST_LINE = 4000, MOST = 6, TYPED = 20, WRAPPED = 40;

const KINDS = [
  [/[‐‑‒–—―−﹣－]/g, "-"],
  [/[“”„‟«»″＂]/g, '"'],
  [/[‘’‚‛‹›′´]/g, "'"],
  [/[\u00a0\u2002\u2003\u2007\u2009\u202f\t]/g, " "],
  [/[\u200b\u200c\u200d\u2060\ufeff\u00ad]/g, ""],
];
const WRITTEN = [
  ["&lt;", "<"], ["&gt;", ">"], ["&quot;", '"'], ["&#34;", '"'], ["&#39;", "'"], ["&apos;", "'"],
  ["&nbsp;", " "], ["&ndash;", "-"], ["&minus;", "-"], ["&#8211;", "-"], ["&amp;", "&"],
  ["\\r", "\n"], ["\\n", "\n"], ["\\t", " "], ['\\"', '"'], ["\\'", "'"],
];
const TAG = /<\/?[A-Za-z][A-Za-z0-9]{0,9}( [^<>]*)?\/?>/g;
const STATUS = /(^|[^a-z0-9_])(\+ok|-err|\* ok|\* bye|\* preauth)(?![a-z0-9_])/g;
const PLUS = /^[^a-z0-9+]*(s:|server:|pop3<|resp\*|get\*)?[ <>-]{0,3}b?["']?\+(?=[ "']|$)/;
const WORD = /aadsts(?=[0-9])|-21[0-9]{8}(?![0-9])|[a-z0-9_ß-öø-ɏ]+=?|[぀-ヿ一-鿿]/g;
const NUMBER = /^(?!10053$|10054$|10060$|10061$|11001$)[0-9]+$/;
const VERBS = "CAPA|STLS|USER|PASS|APOP|AUTH|STAT|LIST|UIDL|RETR|TOP|DELE|RSET|NOOP|QUIT";
const SAID = new RegExp(
  "^([^A-Za-z]*|[^+]*(C:|>|\\[tx\\]|cmd\\*|put\\*|POP3:)[ <>-]{0,3})b?[\"']?(" + VERBS + ")(?=[ \"']|$)");
const LOGGED = new RegExp(",(" + VERBS.toLowerCase() + "),[^,]*,[\"' ]*[Rr]=");

const trim = text => text.replace(/^[ \t]+|[ \t]+$/g, "");

function lines(paste) {
  const found = [], unified = text => text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  const dropped = Math.max(0, paste.length - LONGEST_PASTE);
  let number = unified(paste.slice(0, dropped)).split("\n").length;
  for (const line of unified(paste.slice(dropped)).split("\n")) {
    for (let start = 0; start < line.length; start += LONGEST_LINE) {
      const text = line.slice(start, start + LONGEST_LINE);
      if (trim(text)) found.push({ number, text });
    }
    number++;
  }
  return found;
}

function read({ number, text }) {
  return plain(text).split("\n").filter(part => trim(part))
    .map(part => ({ number, text, segments: segments(part.toLowerCase()), verb: verb(part) }));
}

function plain(text) {
  for (const [kind, meant] of KINDS) text = text.replace(kind, meant);
  for (const [written, meant] of WRITTEN) text = text.replaceAll(written, meant);
  return text.replace(TAG, " ");
}

function verb(text) {
  const said = SAID.exec(text), logged = said ?? LOGGED.exec(text);
  return said ? said[3] : logged ? logged[1].toUpperCase() : "";
}

function segments(text) {
  const found = [], plus = PLUS.exec(text);
  if (plus) return [{ status: "+", words: ["+", ...words(text.slice(plus[0].length))] }];
  const add = said => {
    const own = words(said);
    if (status || own.length) found.push({ status, words: status ? [status, ...own] : own });
  };
  let place = 0, status = "";
  for (const match of text.matchAll(STATUS)) {
    const start = match.index + match[1].length;
    if (start < place) continue; // inside what a quotation has closed already
    add(text.slice(place, start));
    place = match.index + match[0].length;
    status = match[2].replace(" ", "");
    const end = ['"', "'", "`"].includes(match[1]) ? text.indexOf(match[1], place) : -1;
    if (end >= 0) {
      add(text.slice(place, end));
      place = end;
      status = "";
    }
  }
  add(text.slice(place));
  return found;
}

function words(text) {
  const found = [];
  for (const [said] of text.matchAll(WORD)) {
    const word = NUMBER.test(said) ? "#" : said;
    if (word !== "#" || found.at(-1) !== "#") found.push(word);
  }
  return found;
}

function readPattern(entry, text) {
  const parts = text.split(" "), start = parts[0] === "^", end = parts.at(-1) === "$";
  const chunks = [[]];
  for (const word of parts.slice(start ? 1 : 0, parts.length - (end ? 1 : 0))) {
    word === "…" ? chunks.push([]) : chunks.at(-1).push(word);
  }
  const kept = chunks.filter(chunk => chunk.length);
  return { entry, chunks: kept, start, end, size: kept.flat().length };
}

const longer = (one, other) => one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
const anchor = pattern => pattern.chunks.flat().reduce((best, word) => longer(word, best) > 0 ? word : best);

function placeOf(wanted, said, start) {
  for (let at = start; at <= said.length - wanted.length; at++) {
    if (wanted.every((word, place) => said[at + place] === word)) return at;
  }
  return -1;
}

function match(pattern, said) {
  let place = 0, first = -1;
  for (const [number, chunk] of pattern.chunks.entries()) {
    let at;
    if (pattern.end && number === pattern.chunks.length - 1) {
      at = said.length - chunk.length;
      at = at >= place && placeOf(chunk, said, at) === at ? at : -1;
    } else {
      at = placeOf(chunk, said, place);
    }
    if (at < 0 || (number === 0 && pattern.start && at > 0)) return null;
    first = first < 0 ? at : first;
    place = at + chunk.length;
  }
  return { start: first, end: place, pattern };
}

const unique = list => [...new Set(list)];

const readAll = patterns =>
  Object.entries(patterns).flatMap(([entry, texts]) => texts.map(text => readPattern(entry, text)));

function indexed(patterns) {
  const index = new Map();
  for (const pattern of patterns) {
    const word = anchor(pattern);
    index.set(word, [...index.get(word) ?? [], pattern]);
  }
  return index;
}

const says = (pattern, line) => line.segments.some(segment => match(pattern, segment.words));

const replies = line => line.segments.some(segment => ["+ok", "-err"].includes(segment.status));

export class Finder {
  constructor({ patterns, after, see, dialogue, trace, names, among, words: told, unless }) { // by entry, as minipop.explain.catalogue writes them
    this.after = after;
    this.see = see;
    this.among = among;
    this.unless = unless;
    this.told = indexed(readAll(told));
    this.order = new Map(Object.keys(patterns).map((entry, place) => [entry, place]));
    this.patterns = readAll(patterns);
    this.index = indexed(this.patterns);
    this.weaker = [indexed(readAll(trace)), indexed(readAll(names))];
    this.dialogues = Object.entries(dialogue).flatMap(([entry, dialogues]) =>
      dialogues.map(steps => ({ entry, steps: steps.map(step => readPattern(entry, step)) })));
  }

  // Returns findings ({line, entries, command}), a Map of commands by line, and how many words were compared.
  find(paste) {
    this.work = 0;
    const found = { findings: [], commands: new Map() }, all = lines(paste).flatMap(read);
    let wrong = this.replies(all, found);
    for (const index of this.weaker) {
      if (wrong) break;
      const said = this.weakly(all, index);
      wrong = said.length > 0;
      found.findings = [...found.findings, ...said].sort((one, other) => one.line - other.line);
    }
    this.specify(all, found);
    return { ...found, work: this.work };
  }

  specify(all, found) {
    const known = new Set(found.findings.flatMap(finding => finding.entries));
    const some = names => (names ?? []).some(name => known.has(name));
    const entries = Object.keys(this.among);
    const wanted = new Set(entries.filter(entry => some(this.among[entry]) && !some(this.unless[entry])));
    const said = this.saidOf(all, wanted), narrower = entries.filter(entry => said.has(entry));
    if (!narrower.length) return;
    const among = this.among[narrower[0]];
    const first = found.findings.find(finding => finding.entries.some(name => among.includes(name)));
    const names = unique([...narrower, ...first.entries]).slice(0, MOST);
    found.findings = [{ ...first, entries: names }, ...found.findings.filter(finding => finding !== first)];
  }

  saidOf(all, wanted) {
    const said = new Set();
    if (!wanted.size) return said;
    for (const { words: own } of all.flatMap(line => line.segments)) {
      for (const pattern of unique(own).flatMap(word => this.told.get(word) ?? [])) {
        if (!wanted.has(pattern.entry) || said.has(pattern.entry)) continue;
        this.work += own.length;
        if (match(pattern, own)) said.add(pattern.entry);
      }
    }
    return said;
  }

  replies(all, { findings, commands }) {
    const cache = new Map(), talk = this.talk(all);
    let command = "", wrong = false;
    for (const [place, line] of all.entries()) {
      command = line.verb || command;
      if (line.verb) commands.set(line.number, line.verb);
      if (talk.has(place)) {
        if (talk.get(place)) {
          findings.push({ line: line.number, entries: [talk.get(place)], command });
          wrong = true;
        }
        if (replies(line)) command = "";
        continue;
      }
      const key = line.segments.flatMap(segment => [...segment.words, "|"]).join(" ");
      if (!cache.has(key)) cache.set(key, line.segments.map(segment => this.spans(segment.words, this.index)));
      let spans = cache.get(key);
      if (!spans.some(hits => hits.length) && !line.verb) spans = this.wrapped(line, all[place + 1]);
      const said = new Map();
      for (const [at, segment] of line.segments.entries()) {
        const answered = segment.status ? command : "";
        const bare = segment.words.join(" ") === "-err" && spans.some(hits => hits.length);
        const groups = bare ? [] : this.groups(segment, spans[at], all.length);
        wrong ||= groups.some(group => group.length) && !["+ok", "+"].includes(segment.status);
        for (const group of groups) {
          const entries = this.narrowed(group, answered);
          said.set(JSON.stringify([entries, answered]), { entries, command: answered });
        }
        if (["+ok", "-err"].includes(segment.status)) command = "";
      }
      const vague = ({ entries }) => entries.some(entry => this.see[entry]);
      for (const { entries, command: answered } of [...said.values()].sort((one, other) => vague(one) - vague(other))) {
        const others = said.size === 1 ? entries.flatMap(entry => this.see[entry] ?? []) : [];
        findings.push({ line: line.number, entries: unique([...entries, ...others]).slice(0, MOST), command: answered });
      }
    }
    return wrong;
  }

  talk(all) {
    const talk = new Map();
    for (const [place, line] of all.entries()) {
      if (!line.verb || talk.has(place)) continue;
      for (const { entry, steps } of this.dialogues) {
        this.work += line.segments.length;
        if (place + steps.length <= all.length && steps.every((step, number) => says(step, all[place + number]))) {
          for (const number of steps.keys()) talk.set(place + number, replies(all[place + number]) ? entry : "");
          break;
        }
      }
    }
    return talk;
  }

  weakly(all, index) {
    const findings = [], named = new Set();
    for (const line of all) {
      const hits = line.segments.flatMap(segment => this.spans(segment.words, index));
      const entries = unique(hits.map(hit => hit.pattern.entry))
        .sort((one, other) => this.order.get(one) - this.order.get(other));
      const wanted = unique([...entries, ...entries.flatMap(entry => this.see[entry] ?? [])]);
      const fresh = wanted.filter(entry => !named.has(entry)).slice(0, MOST - named.size);
      for (const entry of fresh) named.add(entry);
      if (fresh.length) findings.push({ line: line.number, entries: fresh, command: "" });
    }
    return findings;
  }

  groups(segment, hits, length) {
    const found = new Map();
    for (const { start, end, pattern } of hits) {
      const key = `${start} ${end}`;
      found.set(key, { start, end, entries: [...found.get(key)?.entries ?? [], pattern.entry] });
    }
    if (found.size) {
      return [...found.values()].sort((one, other) => one.start - other.start || one.end - other.end)
        .map(group => group.entries);
    }
    const partly = length <= TYPED && ["+ok", "-err"].includes(segment.status);
    const known = partly ? this.partial(segment.words) : [];
    return known.length || segment.status === "-err" ? [known] : [];
  }

  narrowed(entries, command) {
    const sorted = unique(entries).sort((one, other) => this.order.get(one) - this.order.get(other));
    const fitting = sorted.filter(entry => command && this.after[entry]?.includes(command));
    return (fitting.length ? fitting : sorted).slice(0, MOST);
  }

  spans(said, index) {
    const hits = [];
    for (const word of unique(said)) {
      for (const pattern of index.get(word) ?? []) {
        this.work += said.length;
        const span = match(pattern, said);
        if (span) hits.push(span);
      }
    }
    const order = hit => this.order.get(hit.pattern.entry);
    hits.sort((one, other) => other.pattern.size - one.pattern.size || one.start - other.start || one.end - other.end
      || order(one) - order(other));
    const kept = [];
    for (const hit of hits) {
      const same = kept.some(one =>
        one.start === hit.start && one.end === hit.end && one.pattern.size === hit.pattern.size);
      if (same || kept.every(one => hit.end <= one.start || one.end <= hit.start)) kept.push(hit);
    }
    return kept;
  }

  wrapped(line, following) {
    const none = line.segments.map(() => []);
    if (!none.length || !following?.segments.length || following.segments[0].status) return none;
    const first = line.segments.at(-1).words, second = following.segments[0].words;
    if (Math.max(first.length, second.length) > WRAPPED) return none;
    none[none.length - 1] = this.spans([...first, ...second], this.index)
      .filter(hit => hit.start < first.length && first.length < hit.end);
    return none;
  }

  partial(said) {
    const wanted = said.slice(1);
    if (wanted.length < 2) return [];
    this.work += this.patterns.length * said.length;
    return this.patterns.filter(pattern => pattern.chunks.some(chunk => placeOf(wanted, chunk, 0) >= 0))
      .map(pattern => pattern.entry);
  }
}
