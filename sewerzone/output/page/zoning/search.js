// Search by district, number of a unit, a system or a building, name of a place, or latitude and longitude.
const MOST_FOUND = 12;
const plain = text => String(text).normalize("NFKC").toLowerCase().trim();

function searcher(data, page) {
  const t = () => data.texts[page.language];
  const named = [["districts", "district"], ["plants", "plants"], ["served_areas", "served_area"]];
  const names = named.flatMap(([layer, kind]) => {
    const { columns, rows } = data.layers[layer];
    const code = row => (layer === "districts" ? value(columns, "code", row) : null);
    return Array.from({ length: rows }, (_, row) => ({ layer, row, kind, code: code(row), name: value(columns, "name", row) ?? code(row) })).filter(found => known(found.name));
  });
  const codes = found => (known(found.code) ? ["ja", "en"].map(language => data.texts[language][found.kind] + " " + found.code).join(" ") : "");
  names.forEach(found => { found.plain = plain(found.name + " " + codes(found)); });
  const numbered = [["units", "unit", "unit_id"], ["systems", "system", "system_id"], ["buildings", "house", "building_id"]];

  function places(asked) {
    const found = asked.match(/^(-?\d{1,3}\.\d+)\s*[,、 ]\s*(-?\d{1,3}\.\d+)$/);
    return found ? [{ place: L.latLng(Number(found[1]), Number(found[2])), label: t().place_found + " " + found[1] + ", " + found[2] }] : [];
  }
  const labelled = found => ({ ...found, label: found.kind ? t()[found.kind] + " " : "", name: found.name });

  // Things that fit what was typed, best first; all districts while nothing was.
  return typed => {
    const asked = plain(typed);
    if (!asked) return names.filter(found => found.layer === "districts").map(labelled);
    const digits = asked.match(/(\d+)$/), words = asked.replace(/\d+$/, "").trim();
    const out = places(asked);
    if (digits) {
      for (const [layer, kind, column] of numbered) {
        if (words && !plain(data.texts.ja[kind]).includes(words) && !plain(data.texts.en[kind]).includes(words)) continue;
        const row = data.layers[layer].columns[column].indexOf(Number(digits[1]));
        if (row >= 0) out.push({ layer, row, label: t()[kind] + " " + digits[1], name: null });
      }
    }
    const fits = names.filter(found => found.plain.includes(asked)).sort((a, b) => a.plain.indexOf(asked) - b.plain.indexOf(asked) || a.plain.length - b.plain.length);
    return [...out, ...fits.slice(0, MOST_FOUND).map(labelled)];
  };
}
