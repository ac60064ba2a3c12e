// Lengths and areas on the ellipsoid of GRS 80, in metres.
const AXIS = 6378137, E2 = 0.00669438002290, RADIANS = Math.PI / 180;

// By the radii of curvature half way: true to a millionth up to some 50 km.
function metres(a, b) {
  const middle = (a.lat + b.lat) / 2 * RADIANS, w = 1 - E2 * Math.sin(middle) ** 2;
  const north = AXIS * (1 - E2) / w ** 1.5 * (b.lat - a.lat) * RADIANS, east = AXIS / Math.sqrt(w) * Math.cos(middle) * (b.lng - a.lng) * RADIANS;
  return Math.hypot(north, east);
}

const lengthOf = points => points.slice(1).reduce((sum, point, i) => sum + metres(points[i], point), 0);

// Places in metres from the first one, in the transverse Mercator projection of its meridian: true to a millionth up to some 10 km.
function plane(points) {
  const base = points[0];
  return points.map(point => {
    const lat = point.lat * RADIANS, w = 1 - E2 * Math.sin(lat) ** 2, east = (point.lng - base.lng) * RADIANS * Math.cos(lat);
    const middle = 1 - E2 * Math.sin((point.lat + base.lat) / 2 * RADIANS) ** 2, normal = AXIS / Math.sqrt(w), t = Math.tan(lat);
    return [
      normal * (east + east ** 3 * (1 - t * t) / 6),
      AXIS * (1 - E2) / middle ** 1.5 * (point.lat - base.lat) * RADIANS + normal * t * east * east / 2,
    ];
  });
}

function areaOf(points) {
  const at = plane(points);
  return Math.abs(at.reduce((sum, [x, y], i) => { const [u, v] = at[(i + 1) % at.length]; return sum + x * v - u * y; }, 0)) / 2;
}

function metre(map, changed) {
  const state = { mode: null, points: [] };
  const look = { color: "#e6007e", weight: 3, interactive: false, dashArray: "2 5" };
  const shown = L.layerGroup().addTo(map);

  function draw() {
    shown.clearLayers();
    if (!state.points.length) return changed();
    (state.kind === "area" ? L.polygon(state.points, { ...look, fillOpacity: 0.12 }) : L.polyline(state.points, look)).addTo(shown);
    state.points.forEach(at => L.circleMarker(at, { radius: 4, color: "#e6007e", weight: 2, fillColor: "#ffffff", fillOpacity: 1, interactive: false }).addTo(shown));
    changed();
  }
  const tool = {
    get mode() { return state.mode; },
    add(at) { state.points.push(at); draw(); },
    start(mode) { state.points = []; state.mode = state.kind = mode; map.doubleClickZoom.disable(); draw(); },
    stop() { state.mode = null; setTimeout(() => map.doubleClickZoom.enable(), 300); draw(); },
    clear() { state.points = []; state.mode = null; map.doubleClickZoom.enable(); draw(); },
    value() {
      if (state.points.length < (state.kind === "area" ? 3 : 2)) return null;
      return state.kind === "area" ? areaOf(state.points) : lengthOf(state.points);
    },
    // What was measured, in units people read: 1,234.5 m, 12.345 km; 850 m² (0.085 ha), 12.34 ha (123,400 m²).
    text() {
      const found = tool.value();
      if (found === null) return "";
      if (state.kind === "length") return found < 10000 ? number(found, 1) + " m" : number(found / 1000, 3) + " km";
      return number(found, found < 1000 ? 1 : 0) + " m² (" + number(found / 10000, found < 1e5 ? 3 : 1) + " ha)";
    },
  };
  return tool;
}
