/* What is wrong with the form: beside the field at fault, else at its foot. */

import { desk } from "./calls.js";
import { form } from "./form.js";

const { element } = form;
const foot = element.querySelector("[data-form-fault]");
const beside = (field) => document.getElementById(`fault-${field.name}`);

export function clearFaults() {
  foot.textContent = "";
  for (const field of element.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    beside(field).textContent = "";
  }
}

/** Show a refusal and go to the field it names. */
export function showFault({ field: name, message }) {
  const field = name && element.querySelector(`.field [name="${CSS.escape(name)}"]`);
  if (!field) {
    foot.textContent = message;
    return;
  }
  field.setAttribute("aria-invalid", "true");
  beside(field).textContent = message;
  field.focus();
}

element.addEventListener("input", clearFaults);
desk.addEventListener("about", clearFaults);
