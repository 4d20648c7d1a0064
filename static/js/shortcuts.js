// Keys, always a second way. data-key names the key of an element: "Alt+1", "Ctrl+Enter", "F6", "/", "T".
// A field is focused, a button or link is pressed; a refused action is focused, so that its reason is read out.
// Single letters and "/" work only outside fields, and letters can be switched off (kept in this browser).
// data-digits: inside a group of chips the digits 1 to 9 choose. data-list: J and K walk its rows, X ticks one.

const LETTERS = 'fangxin-letters';
const TYPED = 'textarea, select, [contenteditable="true"], input:not([type="checkbox"]):not([type="radio"]):not([type="button"]):not([type="submit"])';

function lettersOn() {
  try {
    return localStorage.getItem(LETTERS) !== 'off';
  } catch {
    return true; // storage switched off: the default
  }
}

function nameOf(event) {
  // event.code keeps Alt+digit apart from what the keyboard layout makes of it
  const base = /^Digit\d$/.test(event.code) ? event.code.slice(5)
    : /^Key[A-Z]$/.test(event.code) ? event.code.slice(3)
      : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${base}`;
}

const shown = (element) => element.getClientRects().length > 0;

function target(name) {
  const all = [...document.querySelectorAll('[data-key]')].filter(
    (element) => element.dataset.key.toUpperCase() === name.toUpperCase() && shown(element));
  const form = document.activeElement?.closest('form');
  return all.find((element) => form && element.form === form) || all[0];
}

function use(element) {
  if (element.matches('[aria-disabled="true"]')) element.focus();
  else if (element.matches(TYPED)) {
    element.focus();
    element.select?.();
  } else if (element.matches('[data-digits], fieldset, [role="group"], [role="radiogroup"]')) {
    (element.querySelector('input:checked') || element.querySelector('input, button'))?.focus();
  } else if (element.matches('details')) element.open = !element.open;
  else element.click();
}

function digit(event) {
  const group = event.target.closest?.('[data-digits]');
  const input = group?.querySelectorAll('input')[Number(event.key) - 1];
  if (!input) return false;
  input.focus();
  input.click();
  return true;
}

function walk(name) {
  const list = document.querySelector('[data-list]');
  if (!list || !['J', 'K', 'X'].includes(name)) return false;
  const rows = [...list.querySelectorAll('[data-row]')];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (name === 'X') {
    rows[here]?.querySelector('input[type="checkbox"]')?.click();
    return here >= 0;
  }
  const next = rows[Math.min(Math.max(here + (name === 'J' ? 1 : -1), 0), rows.length - 1)];
  (next?.querySelector('[data-open]') || next?.querySelector('a, button'))?.focus();
  return Boolean(next);
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1;
  if (plain && event.target.matches?.(TYPED)) return;
  if (plain && /^[1-9]$/.test(event.key) && digit(event)) {
    event.preventDefault();
    return;
  }
  if (plain && /^[a-z]$/i.test(event.key) && !lettersOn()) return;
  if (plain && walk(name)) {
    event.preventDefault();
    return;
  }
  const element = target(name);
  if (element) {
    event.preventDefault();
    use(element);
  }
}

function letterSwitch(button) {
  const show = () => { button.querySelector('span').textContent = lettersOn() ? button.dataset.on : button.dataset.off; };
  button.hidden = false;
  button.addEventListener('click', () => {
    try {
      localStorage.setItem(LETTERS, lettersOn() ? 'off' : 'on');
    } catch {
      return; // cannot be remembered here, so it is not changed either
    }
    show();
  });
  show();
}

export function watchShortcuts() {
  document.addEventListener('keydown', pressed);
  document.querySelectorAll('[data-letters]').forEach(letterSwitch);
  // Menus close with Escape and with a click elsewhere.
  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener('keydown', (event) => {
    const open = event.key === 'Escape' && document.querySelector('details.menu[open]');
    if (open) {
      open.open = false;
      open.querySelector('summary').focus();
    }
  });
}
