// Narrows the tables of codes to the rows that hold every word, while it is typed. Without it the server does, when the
// form is sent.
"use strict";
const box = document.querySelector(".filter");
const input = document.getElementById("find");
const told = box.querySelector("output");
const sections = [...document.querySelectorAll("main section")];

function narrow() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const section of sections) {
    let some = false;
    for (const row of section.querySelectorAll("tbody tr")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      some = some || !row.hidden;
      count += row.hidden ? 0 : 1;
    }
    section.hidden = !some;
  }
  // The explanations make room, so that what was found stands right below.
  document.body.classList.toggle("searching", words.length > 0);
  told.textContent = words.length === 0 ? "" : count === 0 ? told.dataset.none : `${told.dataset.words} ${count}`;
}

input.addEventListener("input", narrow);
box.querySelector("button").hidden = true;
box.addEventListener("submit", (event) => event.preventDefault());
if (input.value) narrow();
