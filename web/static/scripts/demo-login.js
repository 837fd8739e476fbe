/* [data-demo-name]: one click fills the login form with a demonstration account. */

const form = document.querySelector("[data-login]");

document.addEventListener("click", ({ target }) => {
  const account = target.closest("[data-demo-name]")?.dataset;
  if (!account) return;
  form.elements.name.value = account.demoName;
  form.elements.password.value = account.demoPassword;
  form.querySelector("button").focus();
});
