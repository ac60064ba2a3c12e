// Draws a prefecture on a Leaflet map. `data` is plain JSON; every text in it passes esc() before it becomes HTML.
function drawPrefecture(data) {
  "use strict";
  const esc = value => String(value).replace(/[&<>"'`]/g, c => "&#" + c.charCodeAt(0) + ";");
  const known = value => value !== null && value !== undefined && value !== "";
  const number = (value, decimals = 0) =>
    Number(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const percent = (value, decimals = 1) => number(100 * value, decimals) + "%";
  let language = data.language, t = data.texts[language];
  let sorting = { key: "code", falling: false }, shading = "zones", chosen = null, sought = "";

  // ---- data ---------------------------------------------------------------------------------------------------------
  const names = Object.keys(data.columns), lived = Object.keys(data.treatments).filter(name => name !== "none");
  const rows = data.columns.code.map((_, i) => {
    const row = Object.fromEntries(names.map(name => [name, data.columns[name][i]]));
    return Object.assign(row, {
      message: data.messages[i], map: data.maps[i], outline: data.outlines[i], areas: data.areas[i],
      per_person: known(row.total_yen_per_yr) && row.people > 0 ? row.total_yen_per_yr / row.people : null,
      saving: row.official_yen_per_yr > 0 && known(row.optimum_yen_per_yr) ? row.saving_yen_per_yr / row.official_yen_per_yr : null,
    });
  });
  const done = rows.filter(row => row.status === "done");
  const sum = name => done.reduce((total, row) => total + (row[name] || 0), 0);

  function unpacked(polygons) {
    return polygons.map(rings => rings.map(steps => {
      const ring = [];
      for (let k = 0, x = 0, y = 0; k < steps.length; k += 2) {
        x += steps[k]; y += steps[k + 1];
        ring.push([y / data.places, x / data.places]);
      }
      return ring;
    }));
  }

  // ---- figures ------------------------------------------------------------------------------------------------------
  const figures = {
    collective_people_share: { title: () => t.share, shown: v => percent(v), colours: ["#fff7ec", "#fdd49e", "#fc8d59", "#d7301f", "#7f0000"] },
    per_person: { title: () => t.per_person, shown: v => number(v) + " " + t.yen_per_person, colours: ["#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b"] },
    saving: { title: () => t.saving, shown: v => percent(v), colours: ["#f7fcf5", "#c7e9c0", "#74c476", "#238b45", "#00441b"] },
  };

  function limits(name) {
    const values = rows.map(row => row[name]).filter(known).sort((a, b) => a - b);
    return values.length ? [0, 1, 2, 3, 4, 5].map(k => values[Math.min(values.length - 1, Math.round(k * (values.length - 1) / 5))]) : null;
  }

  function shade(row) {
    const value = row[shading], steps = limits(shading);
    if (!known(value) || !steps) return null;
    const at = steps.slice(1, 5).filter(limit => value >= limit).length;
    return figures[shading].colours[at];
  }

  function bar(of) {
    const total = lived.reduce((all, name) => all + of(name), 0);
    if (!(total > 0)) return "";
    return "<div class='sz-bar'>" + lived.map(name => {
      const share = of(name) / total, look = data.treatments[name];
      return share > 0 ? "<span title='" + esc(look[language] + " " + percent(share)) + "' style='width:" + 100 * share
        + "%;background:" + look.fill + ";border-color:" + look.line + "'></span>" : "";
    }).join("") + "</div>";
  }

  const pair = (name, value) => known(value) ? "<tr><td>" + esc(name) + "</td><td>" + esc(value) + "</td></tr>" : "";
  const million = value => number(value / 1e6, value < 1e8 ? 1 : 0);

  // ---- map ----------------------------------------------------------------------------------------------------------
  const map = L.map("map", { preferCanvas: true, zoomSnap: 0.25, attributionControl: false, maxZoom: 18 });
  map.createPane("outlines").style.zIndex = 450;
  const fine = L.canvas({ padding: 0.2 }), top = L.canvas({ pane: "outlines", padding: 0.2 });
  const areas = L.layerGroup().addTo(map);
  // from the bottom: coarse areas may overlap, and what is sewered today is the surest
  ["none", "johkasou", "own_plant", "sewer", "absorbed", "served"].forEach(name => {
    const look = data.treatments[name];
    rows.filter(row => row.areas[name]).forEach(row =>
      L.polygon(unpacked(row.areas[name]), {
        renderer: fine, interactive: false, weight: 0.6, color: look.line, fillColor: look.fill, fillOpacity: 0.9, smoothFactor: 1.5,
      }).addTo(areas));
  });
  rows.forEach(row => {
    if (!row.outline) return;
    row.layer = L.polygon(unpacked(row.outline), { renderer: top, pane: "outlines", weight: 1.2, color: "#545b66" }).addTo(map);
    row.layer.bindTooltip("", { permanent: true, direction: "center", className: "sz-label", interactive: false });
    row.layer.bindPopup(() => popup(row), { maxWidth: 360, minWidth: 270 });
    row.layer.on("click", () => choose(row));
    row.layer.on("mouseover", () => { if (row !== chosen) row.layer.setStyle({ weight: 2.5 }); });
    row.layer.on("mouseout", () => paint(row));
  });

  function paint(row) {
    if (!row.layer) return;
    const colour = shading === "zones" ? null : shade(row), is_done = row.status === "done";
    row.layer.setStyle({
      weight: row === chosen ? 3.2 : 1.2, color: row.status === "failed" ? "#b00020" : "#545b66", dashArray: is_done ? null : "5 5",
      fillColor: is_done ? colour || "#ffffff" : row.status === "failed" ? "#b00020" : "#888888",
      fillOpacity: is_done ? (shading === "zones" ? 0 : colour ? 0.85 : 0) : 0.16,
    });
  }

  function paintAll() {
    if (shading === "zones") areas.addTo(map); else areas.remove();
    rows.forEach(paint);
    declutter();
  }

  function declutter() {
    // names where there is room: the larger municipality first
    const taken = [];
    rows.filter(row => row.layer).sort((a, b) => (b.people || 0) - (a.people || 0)).forEach(row => {
      const tip = row.layer.getTooltip(), at = map.latLngToContainerPoint(row.layer.getBounds().getCenter());
      const text = row.name + (row.status === "done" ? "" : " (" + t[row.status] + ")");
      const wide = 13 * Math.min(text.length, 20) / 2 + 4, box = [at.x - wide, at.y - 9, at.x + wide, at.y + 9];
      const free = !taken.some(b => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3]);
      if (free) taken.push(box);
      tip.setContent(free ? "<span>" + esc(text.length > 20 ? text.slice(0, 19) + "…" : text) + "</span>" : "");
    });
  }
  map.on("zoomend moveend", declutter);

  function popup(row) {
    const status = row.status === "done" ? "" : "<p class='sz-failed'>" + esc(t[row.status]) + "</p>";
    const message = row.message ? "<div>" + esc(t.why) + "</div><pre>" + esc(row.message) + "</pre>" : "";
    const label = data.labels[language];
    const treatments = row.status !== "done" ? "" : lived.filter(name => row[name + "_people"] > 0).map(name =>
      "<tr><td><span class='sz-swatch' style='background:" + data.treatments[name].fill + ";border-color:" + data.treatments[name].line
      + "'></span>" + esc(data.treatments[name][language]) + "</td><td class='sz-right'>" + number(row[name + "_dwellings"]) + "</td><td class='sz-right'>"
      + number(row[name + "_people"]) + "</td></tr>").join("");
    const table = treatments ? "<table><tr><th></th><th class='sz-right'>" + esc(t.dwellings) + "</th><th class='sz-right'>" + esc(t.people)
      + "</th></tr>" + treatments + "</table>" : "";
    const facts = row.status !== "done" ? "" : "<table>" + [
      [t.share, known(row.collective_people_share) ? percent(row.collective_people_share) : null],
      [t.sewers, number(row.sewer_m / 1000, 1) + " km"],
      [label.pumps, number(row.pumps)],
      [t.capital, million(row.capital_yen) + " " + t.million_yen],
      [t.cost, million(row.total_yen_per_yr) + " " + t.million],
      [t.per_person, known(row.per_person) ? number(row.per_person) + " " + t.yen_per_person : null],
      [t.saving, known(row.saving) ? percent(row.saving, 2) : null],
      [t.gap, known(row.gap_share) ? percent(row.gap_share, 2) : null],
    ].filter(fact => known(fact[1])).map(fact => "<tr><td>" + esc(fact[0]) + "</td><td class='sz-right'>" + esc(fact[1]) + "</td></tr>").join("") + "</table>";
    const link = row.map ? "<p><a href='" + esc(row.map) + "'>" + esc(t.open) + "</a></p>" : "";
    return "<div class='sz-popup'><h3>" + esc(row.name) + " <small>" + esc(row.code) + "</small></h3>" + status + message + table + facts + link + "</div>";
  }

  function choose(row) {
    const before = chosen;
    chosen = row;
    if (before) paint(before);
    paint(row);
    document.querySelectorAll(".sz-list tbody tr").forEach(line => line.classList.toggle("sz-chosen", line.dataset.code === row.code));
  }

  function goTo(row) {
    choose(row);
    if (row.layer) {
      map.fitBounds(row.layer.getBounds(), { padding: [30, 30], animate: false });
      row.layer.openPopup();
    } else {
      L.popup({ maxWidth: 360, minWidth: 270 }).setLatLng(map.getCenter()).setContent(popup(row)).openOn(map);
    }
  }

  // ---- panel --------------------------------------------------------------------------------------------------------
  const columns = [
    ["name", () => t.municipality, row => "<div class='sz-who'><span>" + esc(row.name) + "</span> <small>" + esc(row.code) + "</small>"
      + (row.status === "done" ? "" : " <span class='sz-failed'>" + esc(t[row.status]) + "</span>") + "</div>"],
    ["people", () => t.people, row => known(row.people) ? number(row.people) : "–"],
    ["collective_people_share", () => t.share, row => known(row.collective_people_share) ? percent(row.collective_people_share) : "–"],
    ["total_yen_per_yr", () => t.cost + " " + t.million, row => known(row.total_yen_per_yr) ? million(row.total_yen_per_yr) : "–"],
  ];

  function head() {
    const count = status => rows.filter(row => row.status === status).length;
    const counts = esc(count("done") + " " + t.done) + (count("failed") ? ", <b>" + esc(count("failed") + " " + t.failed) + "</b>" : "")
      + (count("not run") ? ", " + esc(count("not run") + " " + t["not run"]) : "");
    const people = sum("people"), sewered = lived.filter(n => data.treatments[n].collective).reduce((all, n) => all + sum(n + "_people"), 0);
    const both = done.filter(row => known(row.saving)), official = both.reduce((all, row) => all + row.official_yen_per_yr, 0);
    const saved = both.reduce((all, row) => all + row.saving_yen_per_yr, 0);
    const legend = lived.filter(name => sum(name + "_people") > 0).map(name =>
      "<tr><td><span class='sz-swatch' style='background:" + data.treatments[name].fill + ";border-color:" + data.treatments[name].line + "'></span>"
      + esc(data.treatments[name][language]) + "</td><td style='padding-left:18px'>" + number(sum(name + "_people")) + "</td><td style='padding-left:14px'>"
      + percent(sum(name + "_people") / people) + "</td></tr>").join("");
    return "<h1>" + esc([data.name, t.title].filter(known).join(" ")) + "</h1><div class='sz-counts'>" + esc(rows.length + " " + (rows.length === 1 ? t.municipality.toLowerCase() : t.municipalities)) + ": " + counts + "</div>"
      + (data.partial[language] ? "<p class='sz-failed'>" + esc(data.partial[language]) + "</p>" : "")
      + bar(name => sum(name + "_people"))
      + "<table class='sz-figures'>" + legend + "</table>"
      + "<table class='sz-figures'>" + pair(t.people, number(people)) + pair(t.share, people > 0 ? percent(sewered / people) : null)
      + pair(t.sewers, number(sum("sewer_m") / 1000) + " km") + pair(t.cost, million(sum("total_yen_per_yr")) + " " + t.million)
      + pair(t.saving, official > 0 ? percent(saved / official, 2) : null) + "</table>";
  }

  function scale() {
    const steps = shading === "zones" ? null : limits(shading);
    if (!steps) return "";
    const used = figures[shading].colours.map((colour, k) => [colour, k]).filter(([colour]) => rows.some(row => shade(row) === colour));
    return "<div class='sz-row'>" + used.map(([colour, k]) => "<span class='sz-swatch' style='background:" + colour
      + ";border-color:#888;margin-right:2px'></span><small>" + esc(figures[shading].shown(steps[k])) + "</small>").join(" ") + "</div>";
  }

  function list() {
    const asked = sought.trim().toLowerCase();
    const found = rows.filter(row => !asked || (row.code + " " + row.name).toLowerCase().includes(asked));
    const rank = row => sorting.key === "name" ? row.code : row[sorting.key];
    const way = sorting.falling ? -1 : 1;
    found.sort((a, b) => {
      const one = rank(a), other = rank(b);
      if (!known(one) || !known(other)) return known(one) ? -1 : known(other) ? 1 : 0;
      return way * (one < other ? -1 : one > other ? 1 : 0);
    });
    const titles = columns.map(([key, title]) => {
      const sorted = (sorting.key === "code" ? "name" : sorting.key) === key;
      return "<th data-key='" + key + "'" + (sorted ? " aria-sort='" + (sorting.falling ? "descending" : "ascending") + "'" : "") + ">" + esc(title()) + "</th>";
    }).join("");
    const lines = found.map(row => "<tr tabindex='0' data-code='" + esc(row.code) + "'" + (row === chosen ? " class='sz-chosen'" : "")
      + (row.outline ? "" : " title='" + esc(t.no_place) + "'") + ">"
      + columns.map(([, , cell]) => "<td>" + cell(row) + "</td>").join("") + "</tr>").join("");
    return "<table><thead><tr>" + titles + "</tr></thead><tbody>" + lines + "</tbody></table>";
  }

  const panel = document.getElementById("panel");
  const byCode = new Map(rows.map(row => [row.code, row]));

  function fillList() {
    const place = panel.querySelector(".sz-list");
    place.innerHTML = list();
    place.querySelectorAll("th").forEach(title => title.addEventListener("click", () => {
      const key = title.dataset.key, same = sorting.key === key || (sorting.key === "code" && key === "name");
      sorting = { key, falling: same ? !sorting.falling : key !== "name" };
      fillList();
    }));
    place.querySelectorAll("tbody tr").forEach(line => {
      const go = () => goTo(byCode.get(line.dataset.code));
      line.addEventListener("click", go);
      line.addEventListener("keydown", event => { if (event.key === "Enter") go(); });
    });
  }

  function fill() {
    t = data.texts[language];
    document.documentElement.lang = language;  // or browsers draw Chinese letter forms
    document.title = [data.name, t.title].filter(known).join(" ");
    const options = ["zones", ...Object.keys(figures).filter(name => limits(name))].map(name =>
      "<option value='" + name + "'" + (name === shading ? " selected" : "") + ">" + esc(name === "zones" ? t.zones : figures[name].title()) + "</option>");
    panel.innerHTML = head() + "<div class='sz-row'><label>" + esc(t.show) + " <select>" + options.join("") + "</select></label><button type='button'>"
      + esc(t.other_language) + "</button></div>" + scale() + "<div class='sz-row'><input type='search' placeholder='" + esc(t.search) + "' value='" + esc(sought)
      + "'></div><div class='sz-list'></div><p class='sz-note'>" + esc(t.note) + "<br>" + esc(t.made_by) + "</p>";
    panel.querySelector("select").addEventListener("change", event => { shading = event.target.value; fill(); });
    panel.querySelector("button").addEventListener("click", () => { language = language === "ja" ? "en" : "ja"; map.closePopup(); fill(); });
    panel.querySelector("input").addEventListener("input", event => { sought = event.target.value; fillList(); });
    fillList();
    paintAll();
  }

  L.control.scale({ imperial: false }).addTo(map);
  if (data.bounds) map.fitBounds(data.bounds, { padding: [20, 20], animate: false }); else map.setView([36, 138], 8);
  fill();
}
