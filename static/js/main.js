// Starts the small modules. Every page works without them.
import { watchBoard } from './board.js';
import { watchCallForm } from './call_form.js';
import { watchDrafts } from './drafts.js';
import { watchFragments } from './fragments.js';
import { watchRuling } from './ruling.js';
import { watchSearch } from './search.js';
import { watchShortcuts } from './shortcuts.js';
import { watchSteppers } from './stepper.js';
import { watchSubmits } from './submit_once.js';
import { watchUploads } from './uploads.js';

watchUploads(); // before what marks a form as sent
watchDrafts();
watchSubmits();
watchShortcuts();
watchFragments();
watchSteppers();
watchCallForm();
watchBoard();
watchRuling();
watchSearch();
document.querySelector('[data-focus]')?.focus();
for (const here of document.querySelectorAll('.rail [aria-current], .tabs [aria-current]')) {
  here.scrollIntoView({ block: 'nearest', inline: 'nearest' }); // on a phone the rail and the tabs scroll
}
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false; // without scripts the browser's own menu prints as well
  button.addEventListener('click', () => window.print());
}
