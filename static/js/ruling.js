// A dispatch that stands goes back to the unit that returned it: the ruling chooses the unit. Works without it too.

export function watchRuling() {
  const unit = document.querySelector('select[data-upheld]');
  if (!unit) return;
  unit.form.addEventListener('change', (event) => {
    if (event.target.name !== 'ruling') return;
    const upheld = event.target.value === 'upheld';
    if (upheld || unit.value === unit.dataset.upheld) unit.value = upheld ? unit.dataset.upheld : '';
    unit.dispatchEvent(new Event('input', { bubbles: true })); // the draft keeps what is chosen
  });
}
