// Sends what the form of an operation says, and shows what came back. The key is kept in this tab and nowhere else.
"use strict";

const form = document.getElementById("try");
const result = document.getElementById("result");

function shown(text, type) {
  if (!type.includes("json") || type.includes("ndjson")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function request() {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = {};
  for (const input of form.querySelectorAll("[data-in]")) {
    const value = input.value.trim();
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(value));
    else if (value && input.dataset.in === "query") query.append(input.name, value);
    else if (value) headers[input.name] = value;
  }
  const key = form.elements.key;
  if (key && key.value) headers.Authorization = `Bearer ${key.value}`;
  const asked = query.toString();
  return { address: asked ? `${path}?${asked}` : path, headers };
}

async function send(event) {
  event.preventDefault();
  const { address, headers } = request();
  const body = form.elements.body;
  const options = { method: form.dataset.method, headers, credentials: "omit", cache: "no-store" };
  if (body) {
    options.body = body.value;
    headers["Content-Type"] = form.dataset.path === "/commands/bulk" ? "application/x-ndjson" : "application/json";
  }
  if (form.elements.key) sessionStorage.setItem("daybook-key", form.elements.key.value);
  result.replaceChildren(element("p", `${options.method} ${address}`));
  try {
    const answer = await fetch(address, options);
    const type = answer.headers.get("Content-Type") || "";
    const text = /json|text|xml/.test(type) ? await answer.text() : `(${type}, ${(await answer.blob()).size} bytes)`;
    const told = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    result.append(element("p", `${answer.status} ${answer.statusText}`), element("pre", told), element("pre", shown(text, type)));
  } catch (failure) {
    result.append(element("p", `Nothing came back: ${failure.message}`));
  }
}

if (form) {
  if (form.elements.key) form.elements.key.value = sessionStorage.getItem("daybook-key") || "";
  form.addEventListener("submit", send);
}
