// Keeps what is typed. A form with data-draft-url posts its fields when they changed, every four seconds and when the
// page is left; the server answers {"saved_at": "HH:MM:SS"}. When it cannot be reached the fields stay in this
// browser (localStorage, under the person's name and the address) and are sent again.

const EVERY_MS = 4000;
const NEVER_KEPT = new Set(['csrf_token', 'form_version', 'idempotency_key']);
const PREFIX = 'fangxin-draft:';
const watched = new WeakSet();

const keyOf = (form) => `${PREFIX}${document.body.dataset.person || ''}:${form.dataset.draftUrl}`;
const csrf = () => document.querySelector('meta[name="csrf-token"]')?.content || '';
const clockTime = () => new Date().toTimeString().slice(0, 8);

function fieldsOf(form) {
  const secret = new Set([...form.querySelectorAll('input[type="password"]')].map((input) => input.name));
  const pairs = [...new FormData(form)].filter(
    ([name, value]) => typeof value === 'string' && !NEVER_KEPT.has(name) && !secret.has(name));
  return new URLSearchParams(pairs).toString();
}

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key) || 'null');
  } catch {
    return null; // storage switched off, or not ours: the server's draft is then the only one
  }
}

function store(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false; // full or switched off; the status line keeps saying that nothing was saved
  }
}

function fill(form, body) {
  const values = new URLSearchParams(body);
  for (const input of form.elements) {
    if (!input.name || NEVER_KEPT.has(input.name) || input.type === 'password' || input.type === 'file') continue;
    if (input.type === 'checkbox' || input.type === 'radio') {
      input.checked = values.getAll(input.name).includes(input.value);
    } else if (values.has(input.name) && input.type !== 'hidden' && input.type !== 'submit') {
      input.value = values.get(input.name);
    }
  }
  form.dispatchEvent(new Event('input', { bubbles: true }));
}

class Draft {
  constructor(form) {
    this.form = form;
    this.key = keyOf(form);
    this.line = form.querySelector('[data-draft-status]');
    this.sent = fieldsOf(form);
    this.leaving = false;
    this.request = null;
    this.offerStored();
    this.timer = setInterval(() => this.save(), EVERY_MS);
    form.addEventListener('submit', () => this.leave());
    addEventListener('pagehide', () => this.save(true));
    addEventListener('online', () => this.save());
    addEventListener('pageshow', (event) => { if (event.persisted) this.leaving = false; });
  }

  say(state, text, time = '') {
    if (!this.line) return;
    const words = (this.line.dataset[text] || '').replace('{time}', time);
    const place = this.line.querySelector('[data-draft-text]');
    this.line.dataset.state = state;
    if (place.textContent !== words) place.textContent = words;
  }

  leave() {
    // What is being submitted must not come back as a draft.
    this.leaving = true;
    this.request?.abort();
  }

  offerStored() {
    const kept = stored(this.key);
    if (!kept || !this.line) return;
    if (kept.body === this.sent) {
      store(this.key, null);
      return;
    }
    this.say('kept', 'textFound', kept.at);
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'link';
    button.textContent = this.line.dataset.textRestore;
    button.addEventListener('click', () => {
      fill(this.form, kept.body);
      button.remove();
      this.save();
    });
    this.line.append(button);
  }

  keep(body, text = 'textKept') {
    const at = clockTime();
    if (store(this.key, { body, at })) this.say('kept', text, at);
  }

  async save(last = false) {
    if (this.leaving || !this.form.isConnected) {
      if (!this.form.isConnected) clearInterval(this.timer);
      return;
    }
    const body = fieldsOf(this.form);
    if (body === this.sent || (this.request && !last)) return;
    this.request = new AbortController();
    try {
      const answer = await fetch(this.form.dataset.draftUrl, {
        method: 'POST',
        body,
        keepalive: last,
        credentials: 'same-origin',
        redirect: 'error', // a redirect is the sign-in page: the session has ended
        signal: this.request.signal,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-CSRFToken': csrf(), Accept: 'application/json' },
      });
      if (answer.ok) {
        const { saved_at: at } = await answer.json();
        this.sent = body;
        store(this.key, null);
        this.say('saved', 'textSaved', at);
      } else {
        this.keep(body, answer.status === 409 ? 'textStale' : 'textKept');
      }
    } catch (error) {
      if (error.name !== 'AbortError') this.keep(body);
    } finally {
      this.request = null;
    }
  }
}

function forget() {
  try {
    Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => localStorage.removeItem(key));
  } catch {
    return; // storage switched off: nothing was kept
  }
}

export function watchDrafts() {
  const scan = (root) => {
    for (const form of root.querySelectorAll?.('form[data-draft-url]') || []) {
      if (!watched.has(form)) {
        watched.add(form);
        new Draft(form);
      }
    }
  };
  scan(document);
  document.addEventListener('htmx:load', (event) => scan(event.target.parentNode || document));
  // Leaving the desk leaves nothing behind in a shared browser.
  document.addEventListener('submit', (event) => { if (event.target.matches('[data-forget-drafts]')) forget(); });
}
