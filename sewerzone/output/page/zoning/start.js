// Puts the page together.
const SMALL = 760;  // pixels: below, the panel lies over the map

function begin(data) {
  const map = L.map("map", { zoomSnap: 0.25, maxZoom: 21, attributionControl: false, zoomControl: false, fadeAnimation: false });
  const sheet = new Sheet(data);
  const t = () => data.texts[page.language];
  const page = {
    data, map, sheet, language: data.language, numbers: true, base: data.base_maps.length ? 0 : -1,
    way: Object.fromEntries(["areas", "sewers"].map(group => {
      const ways = data.switches.filter(one => one.group === group);
      return [group, (ways.find(one => one.shown) || ways[0] || {}).key];
    })),
    isSmall: () => window.innerWidth < SMALL,
    unitRow: id => { const row = data.layers.units.columns.unit_id.indexOf(id); return row < 0 || !known(id) ? undefined : row; },
    plantName(id) {
      const row = data.layers.plants.columns.plant_id.indexOf(id);
      return row < 0 ? String(id) : value(data.layers.plants.columns, "name", row) || String(id);
    },
    redraw() {
      for (const group of ["areas", "sewers"]) {
        const shown = data.switches.find(one => one.group === group && one.shown);
        if (shown) page.way[group] = shown.key;
      }
      const asked = document.activeElement && document.activeElement.id;
      sheet.numbers = page.numbers;
      sheet.cover = page.base < 0 ? 1 : 0.6;  // a base map shall be seen below areas
      sheet.show(data.switches.filter(one => one.shown));
      panel.fill();
      if (asked && document.getElementById(asked)) document.getElementById(asked).focus();
    },
    speak(language) {
      page.language = language;
      document.documentElement.lang = language;  // or browsers draw Chinese letter forms
      document.title = data.titles[language];
      page.controls();
      page.redraw();
      if (page.told) { popup.setContent(tell.popup(page.told)); page.nameClose(); }
    },
    tell(found, at) {
      page.told = found;
      popup.setLatLng(at || page.spot(found)).setContent(tell.popup(found)).openOn(map);
      page.told = found;
      sheet.choose(found);
      page.nameClose();
    },
    nameClose() { map.getContainer().querySelectorAll(".leaflet-popup-close-button").forEach(link => link.setAttribute("aria-label", t().close)); },
    spot({ layer, row }) {
      const { shapes } = data.layers[layer], [west, south, east, north] = shapes.box.subarray(4 * row, 4 * row + 4), i = 2 * shapes.pointOf[shapes.partOf[row]];
      const [x, y] = [(west + east) / 2, (south + north) / 2];
      return isArea(shapes, row) && inside(shapes, row, x, y) ? degrees(data, x, y) : degrees(data, shapes.xy[i], shapes.xy[i + 1]);
    },
    go(found) {
      if (found.place) { map.setView(found.place, 17, { animate: false }); ring.setLatLng(found.place).addTo(map); return; }
      const [west, south, east, north] = data.layers[found.layer].shapes.box.subarray(4 * found.row, 4 * found.row + 4);
      map.fitBounds([degrees(data, west, south), degrees(data, east, north)], { padding: [40, 40], maxZoom: 18, animate: false });
      page.tell({ layer: found.layer, row: found.row });
    },
    whole() { if (data.bounds) map.fitBounds(data.bounds, { padding: [14, 14], animate: false }); },
    fold(is_folded) {
      document.body.classList.toggle("sz-folded", is_folded);
      page.controls();
      map.invalidateSize({ animate: false });
    },
    startMeasure(mode) {
      if (page.measure.mode === mode) return page.measure.stop();
      map.closePopup();
      page.measure.start(mode);
      document.getElementById("map").focus();
    },
    setBase(chosen) {
      page.base = chosen;
      tiles.forEach((layer, i) => { if (i === chosen) layer.addTo(map); else layer.remove(); });
      page.controls();
      page.redraw();
    },
    controls() {
      const is_folded = document.body.classList.contains("sz-folded");
      const button = (id, sign, name, click, more) => el("button", { type: "button", id, title: t()[name], "aria-label": t()[name], click, ...more }, sign);
      corner.replaceChildren(
        button("fold", is_folded ? "☰" : "«", is_folded ? "show_panel" : "hide_panel", () => page.fold(!is_folded), { "aria-expanded": String(!is_folded), "aria-controls": "panel" }),
        button("zoom-in", "+", "zoom_in", () => map.zoomIn(1)), button("zoom-out", "−", "zoom_out", () => map.zoomOut(1)),
        button("whole", "⤢", "whole_plan", () => page.whole()));
      map.getContainer().setAttribute("aria-label", t().map);
      credit.replaceChildren(data.base_maps.length && page.base >= 0 ? t().tiles_source : "");
    },
  };
  const tell = describer(data, page);
  page.search = searcher(data, page);
  const popup = L.popup({ maxWidth: 440, minWidth: 250, maxHeight: Math.max(200, window.innerHeight - 130), autoPanPaddingTopLeft: [56, 16], autoPanPaddingBottomRight: [56, 16] });
  const ring = L.circleMarker([0, 0], { radius: 9, color: "#e6007e", fill: false, interactive: false });
  const hint = L.tooltip({ direction: "top", offset: [0, -8], opacity: 0.95 });
  const corner = el("div", { class: "sz-corner" }), credit = el("div", { class: "sz-credit" });
  map.getContainer().append(corner, credit);
  [corner, credit].forEach(box => L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box));
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  const tiles = data.base_maps.map(base => L.tileLayer(base.url, { maxNativeZoom: base.zoom, maxZoom: 21, opacity: 0.75 }));
  if (tiles.length) tiles[0].addTo(map);
  const panel = panelOf(data, page);
  page.measure = metre(map, () => panel.measured());

  if (page.isSmall()) document.body.classList.add("sz-folded");
  map.setView([36, 138], 6, { animate: false });
  page.whole();
  sheet.addTo(map);
  const far = () => document.body.classList.toggle("sz-far", sheet.isFar());
  map.on("zoomend", far);
  far();
  page.speak(page.language);

  function choose(place) {
    if (page.measure.mode) return page.measure.add(place);
    const found = sheet.at(place);
    if (found) page.tell(found, place); else map.closePopup();
  }
  map.on("click", event => choose(event.latlng));
  map.on("dblclick", () => { if (page.measure.mode) page.measure.stop(); });
  map.on("popupclose", () => { page.told = null; sheet.choose(null); });
  let waits = false;
  map.on("mousemove", event => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      const found = page.measure.mode ? null : sheet.at(event.latlng, ["units", "buildings"]);
      if (!found) return hint.remove();
      hint.setLatLng(event.latlng).setContent(el("span", {}, tell.hint(found))).addTo(map);
    });
  });
  map.on("mouseout dragstart zoomstart", () => hint.remove());
  document.addEventListener("keydown", event => { if (event.key === "Escape" && !page.measure.mode) map.closePopup(); });
  map.getContainer().addEventListener("keydown", event => {
    if (event.target !== map.getContainer()) return;
    if (event.key === "Enter") choose(map.getCenter());
    if (event.key === "Escape" && page.measure.mode) page.measure.stop();
  });
  window.sewerzone = page;  // for scripts of one's own
  document.body.dataset.ready = Math.round(performance.now());
}

const fail = text => document.getElementById("panel").replaceChildren(...text.map(line => el("p", {}, line)));
if (typeof DecompressionStream === "undefined") fail(TOO_OLD);
else inflated(document.getElementById("data").textContent).then(bytes => begin(opened(bytes)));
