"use strict";
// The answers of a form: kept in this browser while they are typed, and saved as a small file. Nothing is sent.
const form = document.querySelector("form");
const fields = [...form.querySelectorAll("input")];
const place = "stepnn " + form.dataset.code;
const told = form.querySelector("output");

const answers = () => Object.fromEntries(fields.filter(one => one.value.trim()).map(one => [one.name, one.value.trim()]));

try {
  const kept = JSON.parse(localStorage.getItem(place) || "{}");
  for (const one of fields) if (typeof kept[one.name] === "string") one.value = kept[one.name];
} catch { /* a browser that keeps nothing */ }

const count = () => { told.textContent = Object.keys(answers()).length + " / " + fields.length; };

form.addEventListener("input", () => {
  try { localStorage.setItem(place, JSON.stringify(answers())); } catch { /* then they are only on the page */ }
  count();
});

form.addEventListener("submit", event => {
  event.preventDefault();
  const found = { format: "stepnn-answers-1", code: form.dataset.code, id: form.dataset.id, answers: answers() };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(found, null, 1)], { type: "application/json" }));
  link.download = "answers-" + form.dataset.code + ".json";
  link.click();
  URL.revokeObjectURL(link.href);
});

count();
