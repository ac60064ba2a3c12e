// The panel beside the map: title, language, search, tools, and one list that is both legend and switches.
const GROUPS = [["points", "group_points"], ["lines", "group_lines"], ["borders", "group_borders"], ["houses", "group_houses"]];
const SVG = "http://www.w3.org/2000/svg";

function sample(look) {
  const svg = document.createElementNS(SVG, "svg"), put = (name, attributes) => {
    const out = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, given]) => out.setAttribute(key, given));
    svg.append(out);
  };
  Object.entries({ width: 26, height: 14, viewBox: "-13 -7 26 14", "aria-hidden": "true" }).forEach(([key, given]) => svg.setAttribute(key, given));
  const line = { stroke: look.line, "stroke-width": look.weight, "stroke-opacity": look.opacity || 1, "stroke-dasharray": (look.dash || []).join(" ") };
  if (look.symbol) put("path", { ...line, d: SYMBOLS[look.symbol], fill: look.fill || "none" });
  else if (look.fill || look.area) put("rect", { ...line, x: -12, y: -6, width: 24, height: 12, fill: look.fill || "none", "fill-opacity": look.alpha || 0 });
  else put("path", { ...line, d: "M-13,0 H13" });
  return svg;
}

function panelOf(data, page) {
  const t = () => data.texts[page.language], pick = pair => pair[LANGUAGES.indexOf(page.language)];
  const place = document.getElementById("panel");
  const of = group => data.switches.filter(one => one.group === group);

  const row = (c, control) => el("tr", {}, el("td", {}, control || null), el("td", {}, sample(c.look)), el("td", {}, pick(c.label)), el("td", { class: "sz-number" }, pick(c.figure)));
  const legend = one => el("table", { class: "sz-legend sz-inner" }, one.classes.map(c => row(c)));

  function head() {
    const other = page.language === "ja" ? "en" : "ja";
    return el("header", {},
      el("div", { class: "sz-top" },
        el("h1", { title: data.titles[page.language] }, said(data.titles[page.language])),
        el("button", { type: "button", id: "language", lang: other, click: () => page.speak(other) }, t().other_language)),
      data.subtitles[page.language].map(line => el("p", {}, line)));
  }

  function search() {
    const list = el("div", { class: "sz-found", id: "found", "aria-live": "polite" });
    const fill = () => {
      const found = page.search(input.value), go = one => () => { list.hidden = true; input.focus(); list.hidden = true; page.go(one); if (page.isSmall()) page.fold(true); };
      const lines = found.map(one => el("button", { type: "button", click: go(one) }, one.label, known(one.name) ? said(one.name) : null));
      list.replaceChildren(...(found.length ? lines : [el("p", { class: "sz-note" }, input.value.trim() ? t().nothing_found : "")]));
      list.hidden = false;
    };
    const step = (event, from, by) => {
      const all = [input, ...list.querySelectorAll("button")], next = all[all.indexOf(from) + by];
      if (next) { next.focus(); event.preventDefault(); }
    };
    const input = el("input", {
      type: "search", id: "search", placeholder: t().search_hint, "aria-label": t().search, autocomplete: "off", input: fill, click: fill, focus: fill,
      keydown: event => {
        if (event.key === "ArrowDown") step(event, input, 1);
        if (event.key === "Enter" && list.querySelector("button")) list.querySelector("button").click();
        if (event.key === "Escape") list.hidden = true;
      },
    });
    list.addEventListener("keydown", event => {
      if (event.key === "ArrowDown") step(event, document.activeElement, 1);
      if (event.key === "ArrowUp") step(event, document.activeElement, -1);
      if (event.key === "Escape") { list.hidden = true; input.focus(); }
    });
    const box = el("div", { class: "sz-search", role: "search" }, input, list);
    box.addEventListener("focusout", event => { if (!box.contains(event.relatedTarget)) list.hidden = true; });
    list.addEventListener("mousedown", event => event.preventDefault());  // or the list would close before the click
    list.hidden = true;
    return box;
  }

  function tools() {
    const button = mode => el("button", { type: "button", id: "measure-" + mode, "aria-pressed": String(page.measure.mode === mode), click: () => page.startMeasure(mode) }, t()["measure_" + mode]);
    const clear = el("button", { type: "button", id: "measure-clear", click: () => page.measure.clear() }, t().measure_clear);
    return el("div", { class: "sz-tools" }, button("length"), button("area"), clear, el("output", { id: "measured" }));
  }
  function measured() {
    const out = document.getElementById("measured");
    if (!out) return;
    ["length", "area"].forEach(mode => document.getElementById("measure-" + mode).setAttribute("aria-pressed", String(page.measure.mode === mode)));
    const text = page.measure.text();
    out.replaceChildren(...(text ? [el("b", {}, text)] : []), ...(page.measure.mode ? [el("small", {}, t().measure_hint)] : []));
  }

  // One of several ways to colour the same things, or none of them.
  function choice(group, title) {
    const ways = of(group);
    if (!ways.length) return null;
    const chosen = ways.find(one => one.shown);
    const input = el("input", { type: "checkbox", checked: Boolean(chosen), "aria-label": t()[title], change: () => {
      ways.forEach(one => { one.shown = input.checked && one.key === select.value; });
      page.redraw();
    } });
    const select = el("select", { id: "colour-" + group, "aria-label": t()[title], change: () => {
      ways.forEach(one => { one.shown = one.key === select.value; });
      page.redraw();
    } }, ways.map(one => el("option", { value: one.key, selected: one.key === page.way[group] }, t()[one.key])));
    const now = ways.find(one => one.key === page.way[group]);
    return el("section", {}, el("h2", {}, t()[title]), el("div", { class: "sz-choice" }, input, select), legend(now), now.note ? el("p", { class: "sz-note" }, t()[now.note]) : null);
  }

  function switches([group, title]) {
    const lines = of(group).flatMap(one => {
      const input = el("input", { type: "checkbox", id: "show-" + one.key, checked: one.shown, change: () => { one.shown = input.checked; page.redraw(); } });
      const name = text => el("label", { for: "show-" + one.key }, text);
      const line = (c, control, text) => el("tr", {}, el("td", {}, control), el("td", {}, c ? sample({ ...c.look, area: AREAS.includes(one.key) }) : null), el("td", {}, text), el("td", { class: "sz-number" }, c ? pick(c.figure) : null));
      if (one.classes.length === 1) return [line(one.classes[0], input, name(group === "points" ? pick(one.classes[0].label) : t()[one.key]))];
      return [el("tr", {}, el("td", {}, input), el("td", { colspan: 3 }, name(t()[one.key]))), ...one.classes.map(c => line(c, null, pick(c.label)))];
    });
    if (group === "borders" && data.layers.units.rows) {
      const input = el("input", { type: "checkbox", id: "show-numbers", checked: page.numbers, change: () => { page.numbers = input.checked; page.redraw(); } });
      lines.push(el("tr", {}, el("td", {}, input), el("td", {}), el("td", { colspan: 2 }, el("label", { for: "show-numbers" }, t().unit_numbers))));
    }
    const far = group === "houses" ? el("p", { class: "sz-note sz-when-far" }, t().houses_note) : null;
    return lines.length ? el("section", {}, el("h2", {}, t()[title]), far, el("table", { class: "sz-legend" }, lines)) : null;
  }

  function bases() {
    if (!data.base_maps.length) return null;
    const select = el("select", { id: "base", "aria-label": t().base_map, change: () => page.setBase(Number(select.value)) },
      [...data.base_maps.map(base => pick(base.label)), t().no_base].map((name, i) => el("option", { value: i < data.base_maps.length ? i : -1, selected: page.base === i || (page.base < 0 && i === data.base_maps.length) }, name)));
    return el("section", {}, el("h2", {}, t().base_map), select);
  }

  return {
    fill() {
      const scrolled = place.querySelector(".sz-scroll"), top = scrolled ? scrolled.scrollTop : 0;
      place.replaceChildren(head(), search(), tools(), el("div", { class: "sz-scroll", tabindex: 0, role: "region", "aria-label": t().legend },
        choice("areas", "colour_areas"), choice("sewers", "colour_sewers"), ...GROUPS.map(switches), bases(), el("p", { class: "sz-note" }, said(data.sources[page.language]))));
      place.querySelector(".sz-scroll").scrollTop = top;
      measured();
    },
    measured,
  };
}
const AREAS = ["barrier", "served_area", "unit", "override", "districts"];
