// Comfort for pages that work without it: theme, palette, copying, questions, live fragments, rows and filters.
"use strict";

(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Before the first paint, so that a chosen theme does not flash.
  const themes = ["auto", "light", "dark"];
  const stored = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const applyTheme = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  applyTheme(stored());

  function themeToggle() {
    for (const button of all("[data-theme-toggle]")) {
      const label = button.querySelector("span");
      const say = () => { label.textContent = `Theme: ${stored() || "auto"}`; };
      button.hidden = false;
      say();
      button.addEventListener("click", () => {
        const next = themes[(themes.indexOf(stored() || "auto") + 1) % themes.length];
        try { localStorage.setItem("theme", next); } catch { /* private window: lasts for this page */ }
        applyTheme(next);
        say();
      });
    }
  }

  // Ctrl-K: pages of the navigation at once, everything else from the server.
  function palette() {
    const dialog = document.getElementById("palette");
    if (!dialog || !dialog.showModal) return;
    const input = dialog.querySelector("input");
    const list = dialog.querySelector("ul");
    const pages = all(".nav a").map((a) => ({ title: a.querySelector("span").textContent, subtitle: "", href: a.getAttribute("href"), kind: "Page" }));
    let chosen = 0;
    let asked = 0;
    let timer;

    const choose = (index) => {
      const items = all("li", list);
      chosen = items.length ? (index + items.length) % items.length : 0;
      items.forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
      if (items[chosen]) {
        items[chosen].scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", items[chosen].id);
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };
    const show = (hits) => {
      list.replaceChildren(...hits.slice(0, 20).map((hit, i) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        item.id = `hit-${i}`;
        item.setAttribute("role", "option");
        link.href = hit.href;
        link.tabIndex = -1;
        for (const [tag, text] of [["span", hit.title], ["small", hit.subtitle || ""], ["em", hit.kind || ""]]) {
          const part = document.createElement(tag);
          part.textContent = text;
          link.append(part);
        }
        item.append(link);
        item.addEventListener("mousemove", () => { if (chosen !== i) choose(i); });
        return item;
      }));
      input.setAttribute("aria-expanded", String(hits.length > 0));
      choose(0);
    };
    const search = async () => {
      const words = input.value.trim();
      const local = pages.filter((page) => page.title.toLowerCase().includes(words.toLowerCase()));
      const turn = ++asked;
      if (words.length < 2) { show(local.slice(0, 8)); return; }
      try {
        const answer = await fetch(`/search.json?q=${encodeURIComponent(words)}`, { headers: { accept: "application/json" } });
        const hits = answer.ok ? await answer.json() : [];
        if (turn === asked) show([...local.slice(0, 3), ...hits]);
      } catch {
        if (turn === asked) show(local);
      }
    };
    const open = () => {
      if (dialog.open) return;
      input.value = "";
      dialog.showModal();
      search();
      input.focus();
    };

    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 120); });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter") {
        const link = all("li a", list)[chosen];
        if (link) { event.preventDefault(); link.click(); }
      }
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-palette]") && !event.ctrlKey && !event.metaKey) { event.preventDefault(); open(); }
    });
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
    });
  }

  function copying() {
    document.addEventListener("click", async (event) => {
      const source = event.target.closest("[data-copy]");
      if (!source || source.closest("a") || !navigator.clipboard) return;
      event.preventDefault();
      try { await navigator.clipboard.writeText(source.dataset.copy); } catch { return; }
      source.classList.add("copied");
      setTimeout(() => source.classList.remove("copied"), 1200);
    });
  }

  // A form with a question is sent only after "Go ahead".
  function questions() {
    const dialog = document.getElementById("confirm");
    if (!dialog || !dialog.showModal) return;
    let waiting = null;
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (!form.dataset.confirm || form.dataset.confirmed) return;
      event.preventDefault();
      waiting = form;
      dialog.querySelector("h2").textContent = form.dataset.confirm;
      dialog.querySelector("[data-consequence-text]").textContent = form.dataset.consequence || "";
      dialog.querySelector("[value=yes]").textContent = form.querySelector("button").textContent;
      dialog.returnValue = "no";
      dialog.showModal();
    });
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes" && waiting) {
        waiting.dataset.confirmed = "yes";
        waiting.requestSubmit();
      }
      waiting = null;
    });
  }

  // The same words as `span` in time.rs; counted from the server's now, because the reader's clock may be wrong.
  const loaded = Date.now();
  function relativeTimes() {
    const minute = 60e3, hour = 60 * minute, day = 24 * hour;
    const span = (ms) => {
      const [count, unit] = ms < hour ? [ms / minute, "min"] : ms < 2 * day ? [ms / hour, "h"] : ms < 90 * day ? [ms / day, "days"]
        : ms < 730 * day ? [ms / (30 * day), "months"] : [ms / (365 * day), "years"];
      return `${Math.floor(count)}\u00a0${unit}`;
    };
    for (const time of all("time[data-relative]")) {
      const left = Date.parse(time.dateTime) - Number(time.dataset.now) - (Date.now() - loaded);
      const near = Math.abs(left) < minute;
      if (Number.isNaN(left)) continue;
      time.textContent = time.dataset.relative === "due"
        ? (near ? "due now" : left > 0 ? `due in ${span(left)}` : `${span(-left)} late`)
        : (near ? "just now" : left > 0 ? `in ${span(left)}` : `${span(-left)} ago`);
    }
  }

  // Elements with data-live take their content from a path, slower while it fails and not while nobody looks.
  function live() {
    for (const place of all("[data-live]")) {
      let pause = 4000;
      const refresh = async () => {
        if (!document.hidden) {
          try {
            const answer = await fetch(place.dataset.live, { headers: { accept: "text/html" } });
            const text = answer.ok ? await answer.text() : place.innerHTML;
            const next = document.createElement("template");
            next.innerHTML = text;
            if (next.innerHTML !== place.innerHTML) {
              place.innerHTML = text;
              place.classList.remove("changed");
              void place.offsetWidth;
              place.classList.add("changed");
            }
            // A finished place answers 204 or another page: stop asking.
            if (answer.status === 204 || answer.redirected) return;
            pause = answer.ok ? 4000 : Math.min(pause * 2, 60000);
          } catch {
            pause = Math.min(pause * 2, 60000);
          }
        }
        setTimeout(refresh, pause);
      };
      setTimeout(refresh, pause);
    }
  }

  function tables() {
    document.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-href]");
      if (!row || event.target.closest("a, button, input, label, summary") || String(getSelection())) return;
      if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank", "noopener");
      else location.assign(row.dataset.href);
    });
    for (const form of all("form[data-bulk]")) {
      const boxes = all("td.pick input", form);
      const every = document.createElement("input");
      const count = form.querySelector("[data-bulk-count]");
      const acts = all(".bulk button", form);
      every.type = "checkbox";
      every.setAttribute("aria-label", "Choose all");
      form.querySelector("th.pick").append(every);
      const tell = () => {
        const chosen = boxes.filter((box) => box.checked).length;
        count.textContent = `${chosen} chosen`;
        acts.forEach((act) => { act.disabled = chosen === 0; });
        every.checked = chosen > 0 && chosen === boxes.length;
        every.indeterminate = chosen > 0 && chosen < boxes.length;
      };
      form.addEventListener("change", (event) => {
        if (event.target === every) boxes.forEach((box) => { box.checked = every.checked; });
        tell();
      });
      tell();
    }
    // A box that does not scroll needs no stop for the Tab key.
    for (const box of all(".scroll, .chart-scroll")) if (box.scrollWidth <= box.clientWidth && box.scrollHeight <= box.clientHeight) box.removeAttribute("tabindex");
  }

  function filters() {
    for (const form of all("form[data-filters]")) {
      form.addEventListener("change", (event) => { if (event.target.matches("select, [type=date]")) form.requestSubmit(); });
      // Empty controls stay out of the address.
      form.addEventListener("submit", () => all("[name]", form).forEach((control) => { control.disabled = !control.value; }));
    }
    document.addEventListener("keydown", (event) => {
      const slash = document.querySelector("[data-slash]");
      if (event.key !== "/" || !slash || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea, dialog")) return;
      event.preventDefault();
      slash.focus();
      slash.select();
    });
    // Coming back in history must find the controls usable again.
    addEventListener("pageshow", () => all("form[data-filters] [name]").forEach((control) => { control.disabled = false; }));
  }

  // A chosen text file fills the text area below, where it can be looked over before it is sent.
  function files() {
    for (const chooser of all("input[data-fills]")) {
      chooser.hidden = false;
      chooser.addEventListener("change", async () => {
        const area = document.getElementById(chooser.dataset.fills);
        const file = chooser.files[0];
        if (!area || !file) return;
        const bytes = new Uint8Array(await file.arrayBuffer());
        try {
          area.value = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
          if (!area.value.includes("\0")) return;
        } catch { /* A workbook, or another encoding: it goes as it is. */ }
        let binary = "";
        for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
        area.value = `base64:${btoa(binary)}`;
      });
    }
  }

  // Menus made of details close on Escape and on a click elsewhere.
  function menus() {
    const close = (except) => all("details.user[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
    document.addEventListener("click", (event) => close(event.target.closest("details.user")));
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(null); });
  }

  // The API reference: send the form as the signed-in reader and show the answer.
  function tryOut() {
    for (const form of all("form[data-try]")) {
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const fields = new FormData(form);
        const input = {};
        const put = (path, value) => {
          const names = path.split(".");
          const last = names.pop();
          names.reduce((at, name) => (at[name] ??= {}), input)[last] = value;
        };
        for (const [name, text] of fields) {
          if (name.endsWith(".currency") || text === "") continue;
          const control = form.elements[name];
          const currency = fields.get(`${name}.currency`);
          const number = control.type === "number" || control.inputMode === "numeric";
          const json = /^[[{]/.test(text);
          put(name, currency ? `${currency} ${text}` : control.type === "checkbox" ? true : number ? Number(text) : json ? JSON.parse(text) : text);
        }
        const path = form.dataset.path.replace(/\{(\w+)\}/g, (_, name) => {
          const value = encodeURIComponent(input[name] ?? "");
          delete input[name];
          return value;
        });
        const get = form.dataset.try === "GET";
        const query = get ? `?${new URLSearchParams(input)}` : "";
        const answer = await fetch(path + query, {
          method: form.dataset.try,
          headers: get ? {} : { "content-type": "application/json", "x-csrf-token": form.dataset.csrf },
          body: get ? undefined : JSON.stringify(input),
        });
        const text = await answer.text();
        const shown = form.querySelector(".try-answer");
        let words = text;
        try { words = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: as it came */ }
        shown.textContent = `${answer.status} ${answer.statusText}\n\n${words}`;
        shown.hidden = false;
        shown.focus();
      });
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const start of [themeToggle, palette, copying, questions, tables, filters, files, menus, live, tryOut]) start();
    setInterval(relativeTimes, 30000);
  });
})();
