// Fragments are htmx attributes in the templates. This only speaks up when one fails, which htmx leaves silent:
// the old content stays, and the notice region says so with a way to try again.

function tell(event) {
  const region = document.getElementById('notices');
  if (!region) return;
  const note = document.createElement('p');
  note.className = 'note is-soon';
  const words = document.createElement('span');
  words.textContent = `${region.dataset.textFailed} `;
  const again = document.createElement('button');
  again.type = 'button';
  again.className = 'link';
  again.textContent = region.dataset.textAgain;
  again.addEventListener('click', () => {
    region.replaceChildren();
    const { elt, requestConfig } = event.detail;
    window.htmx.ajax(requestConfig.verb.toUpperCase(), requestConfig.path,
      { source: elt, target: event.detail.target, values: requestConfig.parameters });
  });
  note.append(words);
  // Only reading may be repeated by a click; a step is sent again from its own form, with its own key.
  if (event.detail.requestConfig?.verb === 'get') note.append(again);
  region.replaceChildren(note);
}

export function watchFragments() {
  for (const name of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout']) document.addEventListener(name, tell);
}
