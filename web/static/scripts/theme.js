/* [data-theme-switch]: light and dark without leaving the page; the server remembers it. */

const form = document.querySelector("[data-theme-switch]");
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

const present = () => root.dataset.theme ?? (system.matches ? "dark" : "light");

function draw() {
  form.elements.theme.value = present() === "dark" ? "light" : "dark";
  for (const name of form.querySelectorAll("[data-theme-name]")) {
    name.hidden = name.dataset.themeName === present();
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  root.dataset.theme = body.get("theme");
  draw();
  fetch(form.action, { method: "POST", body, redirect: "manual" });
});

if (form) {
  system.addEventListener("change", draw);
  draw();
}
