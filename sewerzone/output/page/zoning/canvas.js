// Draws all that is switched on upon one canvas, and finds what lies under a place.
const SYMBOLS = {
  triangle: "M0,-7 L7,6 L-7,6 Z", square: "M-6,-6 H6 V6 H-6 Z", diamond: "M0,-7 L7,0 L0,7 L-7,0 Z",
  hexagon: "M-4,-7 H4 L8,0 L4,7 H-4 L-8,0 Z", pentagon: "M0,-7 L7,-2 L4,6 L-4,6 L-7,-2 Z", circle: "M6,0 A6,6 0 1 1 -6,0 A6,6 0 1 1 6,0 Z",
  ring: "M12,0 A12,12 0 1 1 -12,0 A12,12 0 1 1 12,0 Z",
};
const AT_ONCE = 300;  // shapes of one path: long paths are slow to fill
const DOT = 4;  // an area of which width and height come to less pixels is drawn as a dot
const HOUSES_FROM = 0.007;  // pixels a decimetre, from which buildings are drawn: further out areas tell more than dots
const NEAR_LINE = 6, NEAR_POINT = 11;  // pixels

const Sheet = L.Renderer.extend({
  options: { padding: 0.12 },

  initialize(data) {
    L.Renderer.prototype.initialize.call(this);
    this._data = data;
    this._paths = Object.fromEntries(Object.entries(SYMBOLS).map(([name, path]) => [name, new Path2D(path)]));
    this._shown = [];
    this.numbers = true;
    this.cover = 1;
    for (const one of data.switches) {  // rows by class, once
      one.rows = one.classes.map(() => []);
      one.of_row.forEach((k, row) => { if (k !== NO_CLASS) one.rows[k].push(row); });
    }
  },
  _initContainer() { this._container = document.createElement("canvas"); this._pen = this._container.getContext("2d"); },
  _destroyContainer() { this._container.remove(); delete this._container; },
  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize(), ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = Math.round(size.x * ratio);
    this._container.height = Math.round(size.y * ratio);
    this._container.style.width = size.x + "px";
    this._container.style.height = size.y + "px";
    this._pen.scale(ratio, ratio);
    this._pen.translate(-this._bounds.min.x, -this._bounds.min.y);
    this.draw();
  },

  show(shown) { this._shown = shown; if (this._map) this.draw(); },
  choose(chosen) { this._chosen = chosen; this.draw(); },

  // What was chosen, in a colour of its own; a ring where it is a point.
  _choice(view) {
    const { layer, row } = this._chosen, shapes = this._data.layers[layer].shapes, symbol = shapes.kinds[shapes.partOf[row]] === POINT && "ring";
    for (const [line, weight] of [["#ffffff", 7], ["#e6007e", 3.5]]) this._class(shapes, [row], { line, weight, symbol }, view);
  },

  // pixels = scale * grid + offset, y downwards
  _view() {
    const { origin, step } = this._data, pixels = 256 * 2 ** this._map.getZoom() / (2 * Math.PI * RADIUS);
    const corner = this._map.getPixelOrigin(), k = pixels * step;
    return { k, thin: Math.min(1, Math.max(0.5, (this._map.getZoom() - 10) / 4)), x: pixels * (origin[0] * step + Math.PI * RADIUS) - corner.x, y: pixels * (Math.PI * RADIUS - origin[1] * step) - corner.y };
  },

  isFar() { return this._view().k < HOUSES_FROM; },

  draw() {
    const pen = this._pen, min = this._bounds.min, size = this._bounds.getSize(), view = this._view();
    pen.clearRect(min.x, min.y, size.x, size.y);
    view.box = [(min.x - view.x) / view.k, (view.y - min.y - size.y) / view.k, (min.x + size.x - view.x) / view.k, (view.y - min.y) / view.k];
    const is_far = this.isFar();
    for (const one of this._shown) {
      if (is_far && one.group === "houses") continue;
      const shapes = this._data.layers[one.layer].shapes;
      one.classes.forEach((c, k) => this._class(shapes, one.rows[k], c.look, view));
    }
    if (this._chosen) this._choice(view);
    if (this.numbers) this._number(view);
  },

  // The rows of one class: those of few pixels as dots, the others as paths, of which only areas are filled.
  _class(shapes, rows, look, view) {
    if (look.symbol) return this._marks(shapes, rows, look, view);
    const { box } = shapes, [west, south, east, north] = view.box, { k } = view, margin = (look.weight || 0) / k;
    const areas = [], lines = [], dots = [];
    for (const row of rows) {
      const b = 4 * row;
      if (box[b] > east + margin || box[b + 2] < west - margin || box[b + 1] > north + margin || box[b + 3] < south - margin) continue;
      const size = (box[b + 2] - box[b] + box[b + 3] - box[b + 1]) * k;
      if (look.fill && size < DOT) dots.push(row);
      else if (look.alpha < 0.1 && size < 3 * DOT) continue;  // outlines alone, of what the colours below tell already
      else if (size > 0.6) (look.fill && isArea(shapes, row) ? areas : lines).push(row);
    }
    this._paths_of(shapes, areas, look, view, true);
    this._paths_of(shapes, lines, look, view, false);
    this._dots(shapes, dots, look, view);
    this._pen.globalAlpha = 1;
  },

  _paths_of(shapes, rows, look, view, is_filled) {
    const pen = this._pen;
    pen.lineJoin = "round";
    pen.setLineDash(look.dash && view.k > 0.01 ? look.dash : []);
    for (let begin = 0; begin < rows.length; begin += AT_ONCE) {
      pen.beginPath();
      for (const row of rows.slice(begin, begin + AT_ONCE)) this._trace(shapes, row, view);
      if (is_filled) { pen.globalAlpha = look.alpha * this.cover; pen.fillStyle = look.fill; pen.fill(); }
      if (look.line && !(is_filled && look.weight < 0.7 && view.k < 0.05)) {  // no outlines of houses of few pixels
        pen.globalAlpha = look.opacity || 1;
        pen.strokeStyle = look.line;
        pen.lineWidth = look.weight * view.thin;
        pen.stroke();
      }
    }
  },

  _dots({ box }, rows, look, { k, x, y }) {
    const pen = this._pen, size = Math.min(7, Math.max(look.weight < 1 && look.alpha < 0.85 ? 1.2 : 2, k * 80));
    pen.globalAlpha = look.alpha;
    pen.fillStyle = look.fill;
    for (const row of rows) {
      const b = 4 * row;
      pen.fillRect(x + (box[b] + box[b + 2]) / 2 * k - size / 2, y - (box[b + 1] + box[b + 3]) / 2 * k - size / 2, size, size);
    }
  },

  // One shape as a path, without points that fall upon the one before.
  _trace({ partOf, kinds, pointOf, xy }, row, { k, x, y }) {
    const pen = this._pen;
    for (let part = partOf[row]; part < partOf[row + 1]; part++) {
      const first = 2 * pointOf[part], last = 2 * (pointOf[part + 1] - 1);
      let px = x + xy[first] * k, py = y - xy[first + 1] * k;
      if (kinds[part] === POINT) { pen.moveTo(px + 3, py); pen.arc(px, py, 3, 0, 7); continue; }
      pen.moveTo(px, py);
      for (let i = first + 2; i <= last; i += 2) {
        const qx = x + xy[i] * k, qy = y - xy[i + 1] * k;
        if (i < last && Math.abs(qx - px) + Math.abs(qy - py) < 1.2) continue;
        pen.lineTo(qx, qy);
        px = qx; py = qy;
      }
      if (kinds[part] === RING) pen.closePath();
    }
  },

  _marks({ partOf, pointOf, xy }, rows, look, { k, x, y, box }) {
    const pen = this._pen, size = this._map.getZoom() < 13 ? 0.7 : 1;
    pen.setLineDash([]);
    for (const row of rows) {
      const i = 2 * pointOf[partOf[row]], px = x + xy[i] * k, py = y - xy[i + 1] * k;
      if (xy[i] < box[0] || xy[i] > box[2] || xy[i + 1] < box[1] || xy[i + 1] > box[3]) continue;
      pen.save();
      pen.translate(px, py);
      pen.scale(size, size);
      if (look.fill) { pen.fillStyle = look.fill; pen.fill(this._paths[look.symbol]); }
      pen.strokeStyle = look.line; pen.lineWidth = look.weight; pen.stroke(this._paths[look.symbol]);
      pen.restore();
    }
  },

  // Cells of the page under symbols that are shown, which numbers keep off.
  _underSymbols({ k, x, y, box: seen }) {
    const taken = new Set();
    for (const one of this._shown) {
      const { partOf, pointOf, xy } = this._data.layers[one.layer].shapes;
      one.classes.forEach((c, at) => {
        if (!c.look.symbol) return;
        for (const row of one.rows[at]) {
          const i = 2 * pointOf[partOf[row]];
          if (xy[i] < seen[0] || xy[i] > seen[2] || xy[i + 1] < seen[1] || xy[i + 1] > seen[3]) continue;
          cellsOf(x + xy[i] * k - 7, y - xy[i + 1] * k - 7, 14, 14).forEach(cell => taken.add(cell));
        }
      });
    }
    return taken;
  },

  // Numbers of study units at their tops, else their feet or sides, the larger unit first, where they fit.
  _number({ k, x, y, box: seen }) {
    const { shapes, columns, rows } = this._data.layers.units, pen = this._pen, taken = this._underSymbols({ k, x, y, box: seen });
    this._order = this._order || Array.from({ length: rows }, (_, i) => i).sort((a, b) => columns.dwellings[b] - columns.dwellings[a] || a - b);
    this.numbered = [];
    pen.font = "600 11px system-ui, sans-serif";
    pen.textAlign = "center"; pen.textBaseline = "bottom"; pen.setLineDash([]); pen.lineJoin = "round";
    for (const row of this._order) {
      const [west, south, east, north] = shapes.box.subarray(4 * row, 4 * row + 4), text = String(columns.unit_id[row]), wide = 7 * text.length + 4;
      if ((east - west) * k < 0.6 * wide || west > seen[2] || east < seen[0] || south > seen[3] || north < seen[1]) continue;
      const first = 2 * shapes.pointOf[shapes.partOf[row]], end = 2 * shapes.pointOf[shapes.partOf[row + 1]];
      const far = (of, sign) => { let best = first; for (let i = first; i < end; i += 2) if (sign * (shapes.xy[i + of] - shapes.xy[best + of]) > 0) best = i; return best; };
      const spot = (i, dx, dy) => [x + shapes.xy[i] * k + dx, y - shapes.xy[i + 1] * k + dy];
      const tried = [() => spot(far(1, 1), 0, 0), () => spot(far(1, -1), 0, 14), () => spot(far(0, 1), wide / 2 + 2, 6), () => spot(far(0, -1), -wide / 2 - 2, 6)];
      let found = null;
      for (const place of tried) {
        const [px, py] = place(), cells = cellsOf(px - wide / 2, py - 14, wide, 14);
        if (cells.some(c => taken.has(c))) continue;
        cells.forEach(c => taken.add(c));
        found = [px, py];
        break;
      }
      if (!found) continue;
      const [px, py] = found;
      pen.strokeStyle = "rgba(255, 255, 255, 0.9)"; pen.lineWidth = 3; pen.strokeText(text, px, py);
      pen.fillStyle = "#111111"; pen.fillText(text, px, py);
      this.numbered.push(text);
    }
  },

  // The uppermost thing shown at a place: { layer, row }; only of ``layers`` if given.
  at(place, layers) {
    const [x, y] = gridPoint(this._data, place), { k } = this._view();
    for (let s = this._shown.length - 1; s >= 0; s--) {
      const one = this._shown[s];
      if (SILENT.includes(one.layer) || this.isFar() && one.group === "houses" || layers && !layers.includes(one.layer)) continue;
      const shapes = this._data.layers[one.layer].shapes, { box } = shapes;
      for (let c = 0; c < one.classes.length; c++) {
        const look = one.classes[c].look, reach = (look.symbol ? NEAR_POINT : NEAR_LINE) / k, rows = one.rows[c];
        for (let i = rows.length - 1; i >= 0; i--) {
          const b = 4 * rows[i];
          if (x < box[b] - reach || x > box[b + 2] + reach || y < box[b + 1] - reach || y > box[b + 3] + reach) continue;
          if (look.symbol || (look.fill && inside(shapes, rows[i], x, y)) || (!look.fill || !isArea(shapes, rows[i])) && near(shapes, rows[i], x, y, reach)) {
            return { layer: one.layer, row: rows[i] };
          }
        }
      }
    }
    return null;
  },
});
const SILENT = ["roads"];

// The squares of eight pixels that a box of the page meets.
function cellsOf(left, top, wide, high) {
  const cells = [];
  for (let i = Math.floor(left / 8); i <= Math.floor((left + wide) / 8); i++) {
    for (let j = Math.floor(top / 8); j <= Math.floor((top + high) / 8); j++) cells.push(i + " " + j);
  }
  return cells;
}

const isArea = ({ partOf, kinds }, row) => kinds[partOf[row]] === RING;

function inside({ partOf, kinds, pointOf, xy }, row, x, y) {
  let is_in = false;
  for (let part = partOf[row]; part < partOf[row + 1]; part++) {
    if (kinds[part] !== RING) continue;
    const first = 2 * pointOf[part], end = 2 * pointOf[part + 1];
    for (let i = first, j = end - 2; i < end; j = i, i += 2) {
      if ((xy[i + 1] > y) !== (xy[j + 1] > y) && x < (xy[j] - xy[i]) * (y - xy[i + 1]) / (xy[j + 1] - xy[i + 1]) + xy[i]) is_in = !is_in;
    }
  }
  return is_in;
}

function near({ partOf, kinds, pointOf, xy }, row, x, y, reach) {
  for (let part = partOf[row]; part < partOf[row + 1]; part++) {
    const first = 2 * pointOf[part], end = 2 * pointOf[part + 1];
    let ax = xy[kinds[part] === RING ? end - 2 : first], ay = xy[kinds[part] === RING ? end - 1 : first + 1];
    for (let i = first; i < end; i += 2) {
      const dx = xy[i] - ax, dy = xy[i + 1] - ay, length = dx * dx + dy * dy;
      const share = length > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
      if (Math.hypot(x - ax - share * dx, y - ay - share * dy) <= reach) return true;
      ax = xy[i]; ay = xy[i + 1];
    }
  }
  return false;
}
