// Plus and minus beside a sum. Without script the field is typed into and the buttons stay hidden. The mark between the
// two offers moves along; it is a picture of the field, never more.

const fenOf = (text) => Math.round(Number(text.replaceAll(',', '').trim()) * 100);

function write(input, fen) {
  const yuan = Math.floor(fen / 100).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  input.value = `${yuan}.${String(fen % 100).padStart(2, '0')}`;
  input.dispatchEvent(new Event('input', { bubbles: true }));
}

function draw(gap, fen) {
  const low = Number(gap.dataset.low);
  const high = Number(gap.dataset.high);
  if (!Number.isFinite(fen) || high <= low) return;
  const x = Math.round(8 + 342 * Math.min(Math.max((fen - low) / (high - low), 0), 1));
  gap.querySelector('[data-run]').setAttribute('d', `M8 10H${x}`);
  gap.querySelector('[data-mark]').setAttribute('d', `M${x} 2l8 8-8 8-8-8z`);
}

export function watchSteppers() {
  for (const stepper of document.querySelectorAll('[data-stepper]')) {
    const input = stepper.querySelector('input');
    const gap = document.querySelector('[data-gap]');
    const step = Number(stepper.dataset.step) * 100;
    const move = (by) => {
      const fen = fenOf(input.value);
      if (Number.isFinite(fen)) write(input, Math.max(fen + by, 0));
    };
    for (const [name, by] of [['data-less', -step], ['data-more', step]]) {
      const button = stepper.querySelector(`[${name}]`);
      button.hidden = false;
      button.addEventListener('click', () => move(by));
    }
    if (gap) input.addEventListener('input', () => draw(gap, fenOf(input.value)));
  }
}
