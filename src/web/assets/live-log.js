// Follows the output of a run. Lines arrive numbered; after a lost connection the browser asks for those after the last.
const log = document.querySelector('[data-log]');
const state = document.querySelector('[data-live]');
const follow = document.querySelector('[data-follow]');
const box = follow.querySelector('input');

let last = Number(new URL(log.dataset.events, location.href).searchParams.get('after'));
let waiting = [];

for (const link of document.querySelectorAll('[data-no-script]')) link.parentElement.hidden = true;
follow.hidden = false;
state.hidden = false;
show('live', 'live');
toEnd();

const source = new EventSource(log.dataset.events);
source.addEventListener('open', () => show('live', 'live'));
source.addEventListener('message', (event) => {
  const line = JSON.parse(event.data);
  if (line.seq <= last) return;
  last = line.seq;
  waiting.push(line);
  if (waiting.length === 1) requestAnimationFrame(append);
});
source.addEventListener('end', (event) => {
  source.close();
  show('ended', `ended: ${JSON.parse(event.data).status.replaceAll('-', ' ')}`);
});
source.addEventListener('error', () => {
  if (source.readyState === EventSource.CLOSED) show('lost', 'no connection; reload to go on');
  else show('lost', 'connection lost, trying again');
});

// Whoever scrolls up wants to read, and whoever comes back down wants to follow.
log.addEventListener('scroll', () => {
  box.checked = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
});
box.addEventListener('change', toEnd);

function append() {
  const lines = document.createDocumentFragment();
  for (const { seq, stream, line } of waiting) lines.append(element(seq, stream, line));
  waiting = [];
  log.append(lines);
  toEnd();
}

function element(seq, stream, line) {
  const row = document.createElement('div');
  row.className = stream === 'stderr' ? 'line stderr' : 'line';
  row.id = `L${seq}`;
  const number = document.createElement('a');
  number.href = `#L${seq}`;
  number.textContent = seq;
  const text = document.createElement('span');
  text.textContent = visible(line);
  row.append(number, text);
  return row;
}

// The same characters that the server shows as escapes.
function visible(text) {
  const unseen = /[^\P{Cc}\n\t]|[\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
  return text.replaceAll(unseen, (char) => `\\u{${char.codePointAt(0).toString(16)}}`);
}

function toEnd() {
  if (box.checked) log.scrollTop = log.scrollHeight;
}

function show(kind, text) {
  state.className = `live ${kind}`;
  state.textContent = text;
}
