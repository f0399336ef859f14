// Stepping with the arrow keys. Without this script the page shows all steps; with it nothing is hidden until asked.
const steps = [...document.querySelectorAll("main .step")];
const parts = [...document.querySelectorAll("main > *:not(.pairs), .pairs > *")];
const bar = document.querySelector("nav");
const where = bar.querySelector("output");
let at = -1;
function show(number) {
  at = Math.max(-1, Math.min(number, steps.length - 1));
  document.body.classList.toggle("stepping", at >= 0);
  const last = at === steps.length - 1;
  const edge = at < 0 ? parts.length : parts.indexOf(steps[at]);
  parts.forEach((part, place) => part.classList.toggle("later", at >= 0 && !last && place > edge));
  steps.forEach((step, place) => step.classList.toggle("current", place === at));
  where.textContent = at < 0 ? bar.dataset.all : `${at + 1} / ${steps.length}`;
  if (at >= 0) steps[at].scrollIntoView({ block: "center" });
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: steps.length - 1, Escape: -1 };
  if (event.key in moves) { event.preventDefault(); show(moves[event.key]); }
});
bar.querySelector("[data-move=back]").addEventListener("click", () => show(at - 1));
bar.querySelector("[data-move=next]").addEventListener("click", () => show(at + 1));
bar.querySelector("[data-move=all]").addEventListener("click", () => show(-1));
bar.hidden = steps.length === 0;
show(-1);
