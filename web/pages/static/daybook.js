// What the pages do beyond HTML: shortcuts, selection, scanning, forms sent once. Everything can be read without it.
"use strict";
(() => {
  const one = (what, within = document) => within.querySelector(what);
  const all = (what, within = document) => [...within.querySelectorAll(what)];
  const tell = (text) => { const told = one("#told"); if (told) told.textContent = text; };
  const typing = (at) => at.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

  // The time zone of this browser, told once when signing in.
  for (const link of all("[data-zone-link]")) {
    const address = new URL(link.href);
    address.searchParams.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone || "");
    link.href = address.href;
  }
  for (const field of all("[data-zone]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const first = one("form[data-send]");
  if (first) first.requestSubmit();

  // On a narrow screen the navigation is wider than the page: it begins with the section that is shown in its middle.
  const here = one(".nav a[aria-current]");
  if (here) {
    const [nav, at] = [here.parentElement, here.getBoundingClientRect()];
    const around = nav.getBoundingClientRect();
    nav.scrollLeft += at.left + at.width / 2 - (around.left + around.width / 2);
  }

  // There a row of a list is a card, in which each value says what it is; a state says so itself.
  const label = (within = document) => {
    for (const table of all("table.stack", within)) {
      const heads = all("thead th", table).map((head) => (one("a", head) || head).firstChild?.nodeValue?.trim() || "");
      for (const row of all("tbody tr", table)) {
        [...row.cells].forEach((cell, at) => {
          if (heads[at] && cell.tagName === "TD" && cell.textContent.trim() && !one(".pill, button", cell)) cell.dataset.label ??= heads[at];
        });
      }
    }
  };
  label();

  // A form is sent once: the button rests until the answer is there. Filters leave out what is empty.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "get") {
      for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
      return;
    }
    if (form.dataset.sure && !window.confirm(form.dataset.sure)) { event.preventDefault(); return; }
    if (form.hasAttribute("hx-post") || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { for (const button of all("button", form)) button.disabled = true; });
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of all("form[data-sent]")) { delete form.dataset.sent; for (const button of all("button", form)) button.disabled = false; }
    for (const field of all("form[method=get] :disabled")) field.disabled = false;
  });

  // Menus close when something else is meant.
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const opener = event.target.closest("[data-open]");
    if (opener) one("#" + opener.dataset.open)?.showModal();
    const printer = event.target.closest("[data-print]");
    if (printer) window.print();
  });

  // Rows: one of them is the reader's place; x selects it.
  const rows = () => all("tbody tr[data-row]");
  const place = () => rows().findIndex((row) => row.classList.contains("cursor"));
  const go = (by) => {
    const list = rows();
    if (!list.length) return;
    const at = place();
    const next = Math.max(0, Math.min(list.length - 1, at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by));
    if (at >= 0) list[at].classList.remove("cursor");
    list[next].classList.add("cursor");
    list[next].scrollIntoView({ block: "nearest" });
    (one("a", list[next]) || list[next]).focus({ preventScroll: true });
  };

  // Selection, and what can be done with it.
  const boxes = () => all("input[data-pick]");
  const picked = () => boxes().filter((box) => box.checked);
  const showPicked = () => {
    const bar = one("#mass");
    if (!bar) return;
    const everything = one("input[name=all]", bar);
    const count = picked().length;
    bar.hidden = count === 0;
    for (const box of boxes()) box.closest("tr").setAttribute("aria-selected", String(box.checked));
    const head = one("input[data-pick-all]");
    if (head) { head.checked = count > 0 && count === boxes().length; head.indeterminate = count > 0 && count < boxes().length; }
    if (everything && count < boxes().length) everything.checked = false;
    const label = one("[data-picked]", bar);
    if (label) label.textContent = label.dataset.picked.replace("{n}", String(count));
  };
  let lastBox = null;
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.("input[data-pick]")) return;
    if (event.shiftKey && lastBox) {
      const list = boxes();
      const [from, to] = [list.indexOf(lastBox), list.indexOf(box)].sort((a, b) => a - b);
      list.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
    }
    lastBox = box;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[data-pick-all]")) for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.matches("input[data-pick], input[data-pick-all]")) showPicked();
    if (event.target.matches("select[data-go]")) event.target.form.requestSubmit();
    if (event.target.matches("[data-all-of]")) {
      for (const field of all("[data-rest]", event.target.closest("form"))) field.value = event.target.checked ? field.dataset.rest : "0";
    }
  });
  showPicked();

  // A barcode scanner is a keyboard: what it types ends with Enter and ticks the package that has this code.
  const scan = one("input[data-scan]");
  if (scan) {
    const plain = (text) => text.replace(/[^0-9A-Za-z]/g, "").toUpperCase();
    const codes = (row) => row.dataset.codes.split(" ").map(plain).filter(Boolean);
    scan.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const code = plain(scan.value).replace(/^00(?=\d{18}$)/, "");
      scan.value = "";
      if (!code) return;
      const row = all("tr[data-codes]").find((each) => codes(each).includes(code));
      const box = row && one("input[data-pick]", row);
      const said = one("#scanned");
      const say = (text, kind) => { said.textContent = text; said.className = "notice " + kind; said.hidden = false; };
      if (!box || box.disabled) { say((box ? said.dataset.blocked : said.dataset.unknown).replace("{code}", code), "bad"); return; }
      const again = box.checked;
      box.checked = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      row.scrollIntoView({ block: "center" });
      say((again ? said.dataset.again : said.dataset.done).replace("{code}", code).replace("{row}", row.dataset.name), again ? "warn" : "ok");
    });
    scan.focus();
  }

  // Keys.
  let leading = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of all("details.menu[open]")) { menu.open = false; one("summary", menu).focus(); }
      // What was typed stays in the form that closes; an open list of choices takes the key for itself.
      const form = !event.target.matches?.("select") && event.target.closest?.("details.action[open]");
      if (form) { form.open = false; one("summary", form).focus(); }
      else if (typing(event.target)) event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]")) return;
    if (Date.now() - leading < 1200) {
      leading = 0;
      const way = one(`.nav a[data-key="${CSS.escape(event.key)}"]`);
      if (way) { event.preventDefault(); way.click(); return; }
    }
    const keys = {
      "?": () => one("#shortcuts")?.showModal(),
      "/": () => (one("#q") || one("#find"))?.focus(),
      "g": () => { leading = Date.now(); },
      "j": () => go(1),
      "k": () => go(-1),
      "x": () => { const box = rows()[place()] && one("input[data-pick]", rows()[place()]); if (box) box.click(); },
      "n": () => one("a[rel=next]")?.click(),
      "p": () => one("a[rel=prev]")?.click(),
    };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  // After a part of the page was replaced: the reader hears of it, and the focus stays where the work is.
  document.addEventListener("htmx:afterSwap", (event) => {
    const part = event.detail.target;
    label();
    const said = part && one("[role=alert], [data-told]", part);
    if (said) { tell(said.textContent.trim().slice(0, 300)); if (!said.hasAttribute("tabindex")) said.setAttribute("tabindex", "-1"); said.focus({ preventScroll: false }); }
    showPicked();
  });
  document.addEventListener("htmx:sendError", () => tell(document.documentElement.lang === "de" ? "Der Server antwortet nicht." : "The server does not answer."));
})();
