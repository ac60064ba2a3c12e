// Draws a plan on a Leaflet map. `data` is plain JSON; every text in it passes esc() before it becomes HTML.
function drawPlan(map, data) {
  "use strict";
  document.documentElement.lang = data.language;  // or browsers draw Chinese letter forms
  const t = data.texts, colours = data.colours, looks = data.treatments;

  const esc = value => String(value).replace(/[&<>"'`]/g, c => "&#" + c.charCodeAt(0) + ";");
  const known = value => value !== null && value !== undefined && value !== "";
  const number = (value, decimals = 0) =>
    Number(value).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const amount = (value, unit, decimals = 0) => known(value) ? number(value, decimals) + " " + unit : null;
  const label = (prefix, id) => known(id) ? t[prefix] + " " + id : null;
  const treatment = name => known(name) && looks[name] ? looks[name].label : null;

  // ---- data: columns of values back to GeoJSON features -------------------------------------------------------------
  function column(packed) {
    return packed.words ? packed.codes.map(code => code < 0 ? null : packed.words[code]) : packed;
  }

  function unpack(table) {
    const names = Object.keys(table.columns), columns = names.map(name => column(table.columns[name]));
    const row = i => Object.fromEntries(names.map((name, k) => [name, columns[k][i]]));
    return table.geometry
      ? table.geometry.map((geometry, i) => ({ type: "Feature", geometry, properties: row(i) }))
      : columns.length ? columns[0].map((_, i) => row(i)) : [];
  }

  // ---- popups -------------------------------------------------------------------------------------------------------
  function facts(pairs) {
    const rows = pairs.filter(([, value]) => known(value)).map(([name, value]) =>
      "<tr><th>" + esc(name) + "</th><td class='sz-right'>" + esc(value) + "</td></tr>");
    return rows.length ? "<table>" + rows.join("") + "</table>" : "";
  }

  function chip(name) {
    const look = looks[name];
    return look
      ? "<span class='sz-chip' style='background:" + look.fill + ";border-color:" + look.line + "'>" + esc(look.label) + "</span>"
      : "";
  }

  const popup = (title, ...parts) => "<div class='sz-popup'><h3>" + esc(title) + "</h3>" + parts.join("") + "</div>";

  const optionsOf = new Map();
  unpack(data.options).forEach(row => optionsOf.set(row.unit_id, [...(optionsOf.get(row.unit_id) || []), row]));

  function optionTable(unit) {
    const order = ["connect", "own_plant", "johkasou"];
    const options = (optionsOf.get(unit.unit_id) || []).sort((a, b) => order.indexOf(a.option) - order.indexOf(b.option));
    const rows = options.map(o => {
      const chosen = looks[unit.treatment] && looks[unit.treatment].option === o.option;
      const cells = o.is_possible
        ? [o.capital_yen, o.capital_yen_per_yr, o.upkeep_yen_per_yr, o.total_yen_per_yr]
            .map(v => "<td class='sz-right'>" + (known(v) ? number(v) : "–") + "</td>").join("")
        : "<td colspan='4'>" + esc(t.impossible) + "</td>";
      const built = o.sewer_m > 0
        ? t.sewer_length + " " + number(o.sewer_m) + " m, " + t.pumps + " " + number(o.pumps) : "";
      const note = [built, o.reason].filter(known).join("; ");
      return "<tr" + (chosen ? " class='sz-chosen'" : "") + "><td>" + esc(t[o.option] || o.option) + "</td>" + cells + "</tr>"
        + (note ? "<tr><td colspan='5' class='sz-note' style='border:0'>" + esc(note) + "</td></tr>" : "");
    });
    const head = [t.capital, t.yearly_capital, t.yearly_upkeep, t.yearly_total]
      .map(h => "<th class='sz-right'>" + esc(h) + "</th>").join("");
    return rows.length
      ? "<table><tr><th>" + esc(t.option) + " (" + esc(t.yen) + ")</th>" + head + "</tr>" + rows.join("") + "</table>" : "";
  }

  function unitPopup(p) {
    const margin = known(p.margin_yen_per_yr)
      ? number(p.margin_yen_per_yr) + " " + t.yen_per_yr + (known(p.margin_share) ? " (" + number(100 * p.margin_share) + " %)" : "")
      : null;
    return popup(t.unit + " " + p.unit_id, chip(p.treatment), "<p>" + esc(p.reason) + "</p>", optionTable(p), facts([
      [t.dwellings + " / " + t.people, number(p.dwellings, p.dwellings % 1 ? 1 : 0) + " / " + number(p.people)],
      [t.area + " / " + t.density, number(p.area_ha, 1) + " ha / " + number(p.dwellings_per_ha, 1) + " " + t.per_ha],
      [t.flow, amount(p.flow_max_m3_per_d, "m³/d", 1)],
      [t.runner_up, known(p.runner_up) ? t[p.runner_up] || p.runner_up : null],
      [t.margin, margin],
      [t.break_even, amount(p.break_even_yen_per_m, t.yen_per_m)],
      [t.alone, treatment(p.alone_treatment)],
      [t.other_lives, treatment(p.other_lives_treatment)],
      [t.sewer_probability, known(p.sewer_probability) ? number(100 * p.sewer_probability) + " %" + (known(p.sureness) ? " (" + t[p.sureness] + ")" : "") : null],
      [t.scenarios_turned, p.scenarios_turned],
      [t.by_official, p.is_changed ? treatment(p.official_treatment) : null], [t.difference, p.difference],
      [t.unverified, p.unverified_share > 0 ? number(100 * p.unverified_share) + " %" : null],
      [t.override_price, amount(p.override_price_yen_per_yr, t.yen_per_yr)],
      [t.system, p.system_id],
    ]));
  }

  const zonePopup = p => popup(treatment(p.treatment) || "", facts([
    [t.dwellings + " / " + t.people, number(p.dwellings) + " / " + number(p.people)],
    [t.area, amount(p.area_ha, "ha", 1)], [t.system, p.system_id],
  ]));
  const buildingPopup = p => popup(t.building + " " + p.building_id, chip(p.treatment), known(p.reason) ? "<p>" + esc(p.reason) + "</p>" : "", facts([
    [t.dwellings + " / " + t.people, number(p.dwellings, p.dwellings % 1 ? 1 : 0) + " / " + number(p.people, 1)],
    [t.unit, p.unit_id],
  ]));
  const editColour = p => p.kind === "cut" ? colours.firm_johkasou : colours.firm_sewer;
  const editPopup = p => popup(t.building + " " + p.building_id, "<p>" + esc(t[p.kind]) + "</p><p>" + esc(p.reason) + "</p>", facts([
    [t.unit, p.unit_id],
  ]));
  const unconnectedPopup = p => popup(t.building + " " + p.building_id, "<p>" + esc(t[p.status] || p.status) + "</p>", facts([
    [t.length, amount(p.length_m, "m")],
  ]));
  const pipePopup = p => popup((t[p.kind] || p.kind) + " " + p.pipe_id, facts([
    [t.crossing, known(p.crossing) ? t["crossing_" + p.crossing] || p.crossing : null],
    [t.diameter, amount(p.diameter_mm, "mm")], [t.length, amount(p.length_m, "m", 1)],
    [t.slope, p.kind === "gravity" ? amount(p.slope_permille, "‰", 1) : null],
    [t.design_flow, amount(p.flow_l_per_s, "L/s", 2)], [t.velocity, amount(p.velocity_m_per_s, "m/s", 2)],
    [t.excavation, number(p.excavation_up_m, 2) + " / " + number(p.excavation_down_m, 2) + " m"],
    [t.system, p.system_id], [t.unit, p.unit_id],
  ]));
  const linkPopup = p => popup(t.link + " " + p.link_id, facts([
    [t.unit, p.unit_id], [t.to_unit, p.to_unit_id], [t.length, amount(p.length_m, "m")],
    [t.design_flow, amount(p.flow_l_per_s, "L/s", 2)], [t.system, p.system_id],
  ]));
  const pumpPopup = p => popup(t.pump + " " + p.pump_id, facts([
    [t.kind, t[p.kind] || p.kind], [t.design_flow, amount(p.flow_l_per_s, "L/s", 2)], [t.head, amount(p.head_m, "m", 1)],
    [t.power, amount(p.power_kw, "kW", 2)], [t.length, p.main_m > 0 ? amount(p.main_m, "m") : null], [t.system, p.system_id],
  ]));
  const systemPopup = p => popup(label("system", p.system_id), facts([
    [t.kind, t[p.kind] || p.kind], [t.dwellings + " / " + t.people, number(p.dwellings) + " / " + number(p.people)],
    [t.flow, amount(p.flow_max_m3_per_d, "m³/d", 1)], [t.sewer_length, amount(p.sewer_m, "m")], [t.pumps, p.pumps],
    [t.capital, amount(p.capital_yen, t.yen)], [t.yearly_total, amount(p.total_yen_per_yr, t.yen_per_yr)],
  ]));
  const namedPopup = (title, field) => p => popup(title, known(p[field]) ? "<p>" + esc(p[field]) + "</p>" : "");
  const plantPopup = p => popup(t["site_" + p.kind], [p.name, p.reason].filter(known).map(text => "<p>" + esc(text) + "</p>").join(""));
  const overridePopup = p => popup(t.override, "<p>" + esc([t[p.kind] || p.kind, p.note].filter(known).join(": ")) + "</p>");

  // ---- symbols ------------------------------------------------------------------------------------------------------
  const shapes = {
    triangle: "M0,-7 L7,6 L-7,6 Z", square: "M-6,-6 H6 V6 H-6 Z", diamond: "M0,-7 L7,0 L0,7 L-7,0 Z",
    pentagon: "M0,-7 L7,-2 L4,6 L-4,6 L-7,-2 Z",
  };
  const symbols = {
    pump: ["triangle", colours.pump], own_plant: ["square", colours.plant], connect: ["diamond", colours.gravity],
    plant: ["square", "#ffffff", colours.plant], outlet: ["diamond", "#ffffff", colours.gravity],
    existing: ["pentagon", colours.plant], joined: ["pentagon", "#ffffff", colours.gravity],
  };
  const drawing = ([shape, fill, line = "#ffffff"]) =>
    "<path d='" + shapes[shape] + "' fill='" + fill + "' stroke='" + line + "' stroke-width='1.6'/>";
  const pin = name => L.divIcon({
    className: "sz-pin", iconSize: [16, 16], iconAnchor: [8, 8],
    html: "<svg width='16' height='16' viewBox='-8 -8 16 16'>" + drawing(symbols[name]) + "</svg>",
  });
  const width = mm => data.pipe_classes.find(c => mm <= c.up_to_mm).width;
  const area = (fill, line, weight, opacity, dash) =>
    ({ fillColor: fill, fillOpacity: opacity, fill: opacity > 0, color: line, weight, opacity: 1, dashArray: dash });
  const houseRadius = () => map.getZoom() >= 17 ? 4 : map.getZoom() >= 15 ? 2.5 : 1.5;
  const house = p => area(looks[p.treatment].line, looks[p.treatment].line, 0.5, 0.8);

  const hint = p => (known(p.unit_id) ? t.unit + " " + p.unit_id : t.building + " " + p.building_id) + ": " + treatment(p.treatment);

  // ---- numbers of study units: where they fit, drawn for the window only --------------------------------------------
  const UnitNumbers = L.Layer.extend({
    initialize(units) {
      this._units = units.map(f => {
        const points = f.geometry.coordinates.flat(f.geometry.type === "MultiPolygon" ? 2 : 1);
        const x = points.map(c => c[0]);
        const top = points.reduce((best, c) => c[1] > best[1] ? c : best);
        return { text: String(f.properties.unit_id), at: L.latLng(top[1], top[0]), wide: Math.max(...x) - Math.min(...x), size: f.properties.dwellings };
      }).sort((a, b) => b.size - a.size);  // a stable sort: equal units keep the order of their numbers
    },
    getEvents() { return { moveend: this._draw }; },
    onAdd(map) {
      this._box = L.DomUtil.create("div", "sz-numbers leaflet-zoom-hide", map.getPane("numbers") || map.createPane("numbers"));
      this._draw();
    },
    onRemove() { this._box.remove(); },
    _draw() {
      const bounds = this._map.getBounds().pad(0.05), pixels = 256 * 2 ** this._map.getZoom() / 360, taken = new Set();
      const labels = [];
      this._units.forEach(unit => {
        const width = 7 * unit.text.length + 4;
        if (unit.wide * pixels < 0.6 * width || !bounds.contains(unit.at)) return;
        const at = this._map.latLngToLayerPoint(unit.at), cells = [];
        const column = x => Math.floor(x / 8);
        for (let i = column(at.x - width / 2); i <= column(at.x + width / 2); i++) {
          for (let j = column(at.y - 15); j <= column(at.y - 1); j++) cells.push(i + " " + j);
        }
        if (cells.some(c => taken.has(c))) return;
        cells.forEach(c => taken.add(c));
        const div = document.createElement("div");
        div.textContent = unit.text;
        div.style.width = width + "px";
        L.DomUtil.setPosition(div, L.point(Math.round(at.x - width / 2), Math.round(at.y - 15)));
        labels.push(div);
      });
      this._box.replaceChildren(...labels);
    },
  });

  // ---- layers, from the bottom to the top ---------------------------------------------------------------------------
  const gravity = p => p.kind === "gravity";
  const specification = [
    ["roads", "road", () => ({ color: colours.road, weight: 1.2, opacity: 0.9, interactive: false })],
    ["barriers", "barrier", () => area(colours.barrier, colours.barrier, 2, 0.35), namedPopup(t.barrier, "kind")],
    ["zones", "areas", p => area(looks[p.treatment].fill, looks[p.treatment].line, 1.4, 0.8), zonePopup],
    ["served_areas", "served_area", () => area("", looks.served.line, 2.2, 0), namedPopup(t.served_area, "name")],
    ["units", "unit", p => area(looks[p.treatment].fill, colours.unit, 0.8, 0.12, "4 3"), unitPopup],
    ["sureness", "sureness", p => area(colours[p.sureness], colours.unit, 0.8, 0.75), unitPopup],
    ["changed", "changed", p => area(looks[p.treatment].fill, colours.changed, 3, 0.85), unitPopup],
    ["overrides", "override", () => area("", colours.override, 3, 0), overridePopup],
    ["buildings", "connected", house, buildingPopup, p => looks[p.treatment].collective],
    ["buildings", "on_site", house, buildingPopup, p => p.treatment === "johkasou"],
    ["buildings", "other_buildings", house, buildingPopup, p => p.treatment === "none"],
    ["edits", "edits", p => area(editColour(p), editColour(p), 3, 0.85), editPopup],
    ["links", "link", () => ({ color: colours.link, weight: 8, opacity: 0.28 }), linkPopup],
    ["pipes", "crossing", () => ({ color: colours.barrier, weight: 10, opacity: 0.55 }), pipePopup, p => known(p.crossing)],
    ["pipes", "gravity", p => ({ color: colours.gravity, weight: width(p.diameter_mm), opacity: 0.95 }), pipePopup, gravity],
    ["pipes", "pressure", () => ({ color: colours.pressure, weight: 2.6, dashArray: "7 4" }), pipePopup, p => !gravity(p)],
    ["unconnected", "unconnected", () => ({ color: colours.pump, weight: 2, fill: false }), unconnectedPopup, null, 6],
    ["plants", "plants", null, plantPopup, null, p => p.kind],
    ["systems", "systems", null, systemPopup, p => p.kind !== "existing", p => p.kind],
    ["pumps", "pump", null, pumpPopup, null, () => "pump"],
  ];
  const features = Object.fromEntries(Object.entries(data.layers).map(([name, table]) => [name, unpack(table)]));
  features.sureness = features.units.filter(f => known(f.properties.sureness));
  features.changed = features.units.filter(f => f.properties.is_changed);
  const overlays = [], asked = ["sureness", "changed", "edits"];  // layers that hide others are shown once asked for
  specification.forEach(([name, title, style, describe, only, point]) => {
    const chosen = only ? features[name].filter(f => only(f.properties)) : features[name];
    if (!chosen.length) return;
    const layer = L.geoJSON({ type: "FeatureCollection", features: chosen }, {
      style: style ? feature => style(feature.properties) : undefined,
      pointToLayer: (feature, at) => typeof point === "function"
        ? L.marker(at, { icon: pin(point(feature.properties)), keyboard: false })
        : L.circleMarker(at, { radius: point || houseRadius() }),
    });
    if (describe) layer.bindPopup(l => describe(l.feature.properties), { maxWidth: 470 });
    if (name === "units" || name === "buildings") {
      layer.bindTooltip(l => esc(hint(l.feature.properties)), { sticky: true });
    }
    if (!asked.includes(name)) layer.addTo(map);
    overlays.push([esc(t[title]), layer]);
  });
  const switches = Object.fromEntries(overlays);
  if (features.buildings.some(f => f.geometry.type === "Point")) {
    map.on("zoomend", () => overlays.forEach(([, layer]) => layer.eachLayer(l => {
      if (l.setRadius && l.feature.properties.treatment) l.setRadius(houseRadius());
    })));
  }
  if (features.units.length) switches[esc(t.unit_numbers)] = new UnitNumbers(features.units).addTo(map);
  map.on("overlayadd", () => overlays.forEach(([, layer]) => { if (map.hasLayer(layer)) layer.bringToFront(); }));

  // ---- base maps, controls ------------------------------------------------------------------------------------------
  const bases = {};
  data.base_maps.forEach((base, i) => {
    bases[esc(base.label)] = L.tileLayer(base.url, { attribution: esc(base.attribution), maxNativeZoom: base.zoom, maxZoom: 21, opacity: 0.75 });
    if (i === 0) bases[esc(base.label)].addTo(map);
  });
  if (data.base_maps.length) bases[esc(t.no_base)] = L.layerGroup();
  const small = map.getSize().x < 640;
  L.control.layers(bases, switches, { collapsed: small }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  map.attributionControl.setPrefix(false).addAttribution(esc(data.attribution));

  function box(position, className, html) {
    const control = L.control({ position });
    control.onAdd = () => {
      const div = L.DomUtil.create("div", "sz-box " + className);
      div.innerHTML = html;
      L.DomEvent.disableClickPropagation(div).disableScrollPropagation(div);
      return div;
    };
    control.addTo(map);
  }

  const sample = content => "<svg width='26' height='14' viewBox='-13 -7 26 14'>" + content + "</svg>";
  const entry = (symbol, name, value) => "<tr><td>" + sample(symbol) + "</td><td>" + esc(name) + "</td>"
    + "<td class='sz-number'>" + esc(known(value) ? value : "") + "</td></tr>";
  const stroke = (colour, weight, dash = "", opacity = 1) => "<path d='M-13,0 H13' stroke='" + colour + "' stroke-width='"
    + weight + "' stroke-dasharray='" + dash + "' stroke-opacity='" + opacity + "'/>";
  const block = look => "<rect x='-12' y='-6' width='24' height='12' fill='" + look.fill + "' stroke='" + look.line + "' stroke-width='1.4'/>";

  function legend() {
    const present = name => features[name].length > 0;
    const areas = Object.values(looks).filter(l => l.present).map(l => entry(block(l), l.label, l.share));
    const sewers = data.sewers.map(s => entry(
      known(s.pipe_class) ? stroke(colours.gravity, data.pipe_classes[s.pipe_class].width) : stroke(colours.pressure, 2.6, "7 4"),
      s.label, s.length));
    if (present("links")) sewers.push(entry(stroke(colours.link, 8, "", 0.28), t.of_which_links, data.links_length));
    const points = [];
    if (present("pumps")) points.push(entry(drawing(symbols.pump), t.pump, number(features.pumps.length)));
    ["own_plant", "connect"].forEach(kind => {  // networks to an existing plant end at its own symbol
      const count = features.systems.filter(f => f.properties.kind === kind).length;
      if (count) points.push(entry(drawing(symbols[kind]), kind === "connect" ? t.entry : t.plant, number(count)));
    });
    ["plant", "outlet", "existing", "joined"].forEach(kind => {
      const count = features.plants.filter(f => f.properties.kind === kind).length;
      if (count) points.push(entry(drawing(symbols[kind]), t["site_" + kind], number(count)));
    });
    if (present("unconnected")) {
      points.push(entry("<circle r='5' fill='none' stroke='" + colours.pump + "' stroke-width='2'/>", t.unconnected, number(features.unconnected.length)));
    }
    const sure = !present("sureness") ? [] : ["firm_sewer", "contested", "firm_johkasou"].map(name => entry(
      block({ fill: colours[name], line: colours.unit }), t[name],
      number(features.sureness.filter(f => f.properties.sureness === name).length)));
    const pair = p => looks[p.official_treatment].label + " → " + looks[p.treatment].label;
    const turned = [...new Map(features.changed.map(f => [pair(f.properties), looks[f.properties.treatment].fill])).entries()]
      .sort().map(([label, fill]) => entry(block({ fill: fill, line: colours.changed }), label,
        number(features.changed.filter(f => pair(f.properties) === label).length)));
    const edits = !present("edits") ? [] : ["cut", "grow"].map(kind => entry(
      block({ fill: editColour({ kind: kind }), line: editColour({ kind: kind }) }), t[kind],
      number(features.edits.filter(f => f.properties.kind === kind).length)));
    const others = [];
    if (present("units")) others.push(entry("<rect x='-12' y='-6' width='24' height='12' fill='none' stroke='" + colours.unit + "' stroke-dasharray='4 3'/>", t.unit, number(features.units.length)));
    if (present("served_areas")) others.push(entry(stroke(looks.served.line, 2.2), t.served_area));
    if (present("overrides")) others.push(entry(stroke(colours.override, 3), t.override));
    if (present("barriers")) others.push(entry(stroke(colours.barrier, 3), t.barrier));
    const group = (title, rows) => rows.length ? "<h2>" + esc(title) + "</h2><table>" + rows.join("") + "</table>" : "";
    const note = data.notes.map(n => "<p class='sz-note'>" + esc(n) + "</p>").join("");
    return group(t.areas_people, areas) + group(t.boundaries, others) + group(t.sewers, sewers) + group(t.points, points) + group(t.changed, turned) + group(t.edits, edits) + group(t.sureness, sure) + note;
  }

  box("topleft", "sz-title", "<h1>" + esc(data.title) + "</h1>" + data.subtitles.map(s => "<p>" + esc(s) + "</p>").join(""));
  box("bottomright", "sz-legend", legend());
  if (data.bounds) map.fitBounds(data.bounds, { paddingTopLeft: [20, 20], paddingBottomRight: [small ? 20 : 290, 20], animate: false });
}
