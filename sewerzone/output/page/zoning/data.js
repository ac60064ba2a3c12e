// Reads the data of the page: deflated, a JSON text with arrays of whole numbers behind it.
const LANGUAGES = ["ja", "en"], NO_CLASS = -1, POINT = 0, LINE = 1, RING = 2;
const RADIUS = 6378137;  // of the web's Mercator projection, metres

async function inflated(letters) {
  const raw = atob(letters), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function opened(bytes) {
  const size = new DataView(bytes.buffer).getUint32(0, true), start = 4 + size;
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  // whole numbers of either sign in seven bits a byte, lowest first; products, since shifts end at 32 bits
  const whole = ({ array: [at, count] }) => {
    const out = new Int32Array(count);
    for (let i = 0, k = start + at; i < count; i++) {
      let number = 0, scale = 1, byte;
      do { byte = bytes[k++]; number += (byte & 127) * scale; scale *= 128; } while (byte & 128);
      out[i] = number % 2 ? -(number + 1) / 2 : number / 2;
    }
    return out;
  };
  const column = packed => packed.words ? { words: packed.words, codes: whole(packed.codes) } : packed;
  const columns = table => Object.fromEntries(Object.entries(table).map(([name, packed]) => [name, column(packed)]));
  data.options = columns(data.options);
  for (const layer of Object.values(data.layers)) {
    layer.columns = columns(layer.columns);
    layer.shapes = placed(layer.shapes, layer.rows, whole);
  }
  for (const one of data.switches) one.of_row = whole(one.of_row);
  return data;
}

// Shapes as typed arrays: parts of row i are partOf[i] ... partOf[i + 1], points of part p pointOf[p] ... pointOf[p + 1].
function placed(packed, rows, whole) {
  const running = counts => {
    const out = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) out[i + 1] = out[i] + counts[i];
    return out;
  };
  const partOf = running(whole(packed.parts)), kinds = whole(packed.kinds), pointOf = running(whole(packed.points));
  const xy = whole(packed.steps);
  for (let i = 2; i < xy.length; i++) xy[i] += xy[i - 2];
  const box = new Int32Array(4 * rows);  // west, south, east, north
  for (let row = 0; row < rows; row++) {
    let west = Infinity, south = Infinity, east = -Infinity, north = -Infinity;
    for (let i = 2 * pointOf[partOf[row]], end = 2 * pointOf[partOf[row + 1]]; i < end; i += 2) {
      if (xy[i] < west) west = xy[i];
      if (xy[i] > east) east = xy[i];
      if (xy[i + 1] < south) south = xy[i + 1];
      if (xy[i + 1] > north) north = xy[i + 1];
    }
    box.set([west, south, east, north], 4 * row);
  }
  return { partOf, kinds, pointOf, xy, box };
}

const value = (columns, name, row) => {
  const column = columns[name];
  return column.words ? (column.codes[row] < 0 ? null : column.words[column.codes[row]]) : column[row];
};
const record = (columns, row) => Object.fromEntries(Object.keys(columns).map(name => [name, value(columns, name, row)]));

// Between the grid of the shapes and degrees.
const degrees = (data, x, y) => L.CRS.EPSG3857.unproject(L.point((data.origin[0] + x) * data.step, (data.origin[1] + y) * data.step));
function gridPoint(data, place) {
  const at = L.CRS.EPSG3857.project(place);
  return [at.x / data.step - data.origin[0], at.y / data.step - data.origin[1]];
}
