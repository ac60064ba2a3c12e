// Draws a redrawing on a Leaflet map. `data` is plain JSON; every text in it becomes text, never HTML.
function drawRedrawing(data) {
  "use strict";
  const w = data.words, looks = data.looks;
  const number = (value, decimals = 0) =>
    Number(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

  function make(tag, text, parent, kind) {
    const out = document.createElement(tag);
    if (text !== null && text !== undefined) out.textContent = text;
    if (kind) out.className = kind;
    if (parent) parent.appendChild(out);
    return out;
  }

  function chip(fill, line, parent, kind) {
    const out = make("span", null, parent, "chip" + (kind ? " " + kind : ""));
    if (fill) out.style.background = fill;
    out.style.borderColor = line;
    return out;
  }

  function popup(title, pairs) {
    const box = make("div");
    make("h3", title, box);
    const table = make("table", null, box);
    pairs.filter(([, value]) => value !== null && value !== undefined).forEach(([label, value]) => {
      const row = make("tr", null, table);
      make("th", label, row);
      make("td", value, row, "n");
    });
    return box;
  }

  const map = L.map("map", { preferCanvas: true, zoomSnap: 0.25, maxZoom: 21, attributionControl: false });
  const [west, south, east, north] = data.bounds;
  map.fitBounds([[south, west], [north, east]], { padding: [20, 20] });
  L.control.scale({ imperial: false }).addTo(map);

  const feature = row => ({ type: "Feature", geometry: row.g, properties: row });
  const layer = (rows, style, told) => L.geoJSON(rows.map(feature), {
    style: f => style(f.properties),
    pointToLayer: (f, at) => L.circleMarker(at, { radius: 3, ...style(f.properties) }),
    onEachFeature: (f, drawn) => { if (told) drawn.bindPopup(() => told(f.properties), { maxWidth: 320 }); },
  }).addTo(map);
  const filled = (row, weight, opacity) =>
    ({ fillColor: looks[row.change].fill, color: looks[row.change].line, weight, fillOpacity: opacity });

  const order = Object.keys(looks).reverse();
  const byLook = rows => [...rows].sort((a, b) => order.indexOf(a.change) - order.indexOf(b.change));
  const areas = layer(byLook(data.areas), row => filled(row, 0.6, 0.75), row => popup(looks[row.change].label, [
    [w.district, row.district], [w.area, number(row.area_ha, 2) + " ha"]]));
  layer(data.served, () => ({ color: data.colours.served, weight: 1.5, fill: false, interactive: false }));
  layer(data.old, () => ({ color: data.colours.old, weight: 2, fill: false, interactive: false }));
  layer(data.units, row => ({ color: looks[row.change].line, weight: 1.5, dashArray: "5 4", fillOpacity: 0 }), row =>
    popup(w.unit + " " + row.unit_id, [
      ["", looks[row.change].label], [w.district, row.district], [w.dwellings, number(row.dwellings)],
      [w.people, number(row.people)], [w.saving_of, number(row.saving_yen_per_yr / 1e6, 3)]]));
  layer(byLook(data.houses), row => ({ fillColor: looks[row.change].line, color: looks[row.change].line, weight: 0.5, fillOpacity: 0.9 }),
    row => popup(w.building + " " + row.building_id, [
      ["", looks[row.change].label], [w.unit, row.unit_id], [w.district, row.district], [w.dwellings, number(row.dwellings)]]));

  const panel = document.getElementById("panel");
  make("h1", data.title, panel);
  make("p", data.subtitle, panel);
  data.effect.forEach(line => make("p", line, panel));
  make("h2", w.legend, panel);
  const legend = make("table", null, panel);
  data.total.filter(row => row.change !== "split").forEach(row => {
    const line = make("tr", null, legend), first = make("td", null, line);
    chip(looks[row.change].fill, looks[row.change].line, first);
    first.appendChild(document.createTextNode(looks[row.change].label));
    make("td", number(row.area_ha, 1) + " ha", line, "n");
    make("td", number(row.dwellings), line, "n");
  });
  [["old", w.old_area], ["served", w.served_area]].forEach(([key, label]) => {
    const cell = make("td", null, make("tr", null, legend));
    cell.colSpan = 3;
    chip(null, data.colours[key], cell, "line");
    cell.appendChild(document.createTextNode(label));
  });
  if (data.moving.length) {
    make("h2", w.by_district, panel);
    const table = make("table", null, panel), head = make("tr", null, table);
    [w.district, w.area, w.dwellings, w.saving_of].forEach((text, k) => make("th", text, head, k ? "n" : ""));
    data.moving.forEach(row => {
      const line = make("tr", null, table, "go"), first = make("td", null, line);
      chip(looks[row.change].fill, looks[row.change].line, first);
      first.appendChild(document.createTextNode(row.district));
      make("td", number(row.area_ha, 2), line, "n");
      make("td", number(row.dwellings), line, "n");
      make("td", number(row.saving_yen_per_yr / 1e6, 2), line, "n");
      line.addEventListener("click", () => {
        const found = L.featureGroup();
        areas.eachLayer(drawn => {
          const it = drawn.feature.properties;
          if (it.district === row.district && it.change === row.change) found.addLayer(drawn);
        });
        if (found.getLayers().length) map.fitBounds(found.getBounds(), { maxZoom: 17 });
      });
    });
  }
  make("h2", "", panel);
  data.notes.forEach(line => make("p", line, panel, "note"));
}
