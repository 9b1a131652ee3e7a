"use strict";
(function () {
  // A form that takes a while says so, and cannot be sent twice.
  for (const form of document.querySelectorAll("form.working")) {
    form.addEventListener("submit", () => {
      const words = document.createElement("p");
      words.className = "saved";
      words.setAttribute("role", "status");
      form.append(words, document.createElement("progress"));
      words.textContent = form.dataset.working;
      setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
    });
  }
  // A file that is dropped is put in at once; one that is chosen waits for the button.
  const drop = document.querySelector(".drop");
  if (drop) {
    const input = drop.querySelector("input");
    for (const kind of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragover");
      });
    }
    drop.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.form.requestSubmit();
    });
    for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  }
  // What could be meant goes into the field on a click.
  for (const button of document.querySelectorAll("button.perhaps")) {
    button.addEventListener("click", () => {
      const field = document.getElementById(button.dataset.for);
      field.value = button.dataset.value;
      field.focus();
    });
  }
  // How far it is, asked twice a second; then on to what was made.
  const making = document.getElementById("making");
  async function ask() {
    const answer = await fetch(making.dataset.ask);
    const far = await answer.json();
    if (far.over) { location.replace(making.dataset.then); return; }
    making.max = far.steps;
    making.value = Math.max(0, far.step - 0.5);
    const doing = document.getElementById("doing");
    if (doing.textContent !== far.words) doing.textContent = far.words;
    setTimeout(ask, 500);
  }
  if (making) ask();
  // Back from the next page: the form can be sent again.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
