// What the page tells of a thing. All is made of elements and texts: nothing in the data can become markup.
function el(name, attributes, ...children) {
  const out = document.createElement(name);
  for (const [key, given] of Object.entries(attributes || {})) {
    if (typeof given === "function") out.addEventListener(key, given);
    else if (given !== false && given !== null && given !== undefined) out.setAttribute(key, given === true ? "" : given);
  }
  out.append(...children.flat().filter(child => child !== null && child !== undefined && child !== ""));
  return out;
}
const said = text => el("bdi", {}, String(text));  // a text of the data: its direction of writing ends with it
const known = given => given !== null && given !== undefined && given !== "";
const number = (given, decimals = 0) =>
  Number(given).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
const is_long = text => String(text).replace(/[^\x00-\xff]/g, "--").length > 44;  // read over several lines
const percent = (given, decimals = 0) => number(100 * given, decimals) + " %";

function describer(data, page) {
  const t = () => data.texts[page.language], pick = pair => pair[LANGUAGES.indexOf(page.language)];
  const amount = (given, unit, decimals = 0) => known(given) ? number(given, decimals) + " " + unit : null;
  const treatment = name => known(name) && data.treatments[name] ? pick(data.treatments[name].label) : null;
  const word = key => known(key) ? t()[key] || key : null;
  const years = p => !known(p.last_year) ? null : p.first_year === p.last_year ? String(p.last_year) : p.first_year + "–" + p.last_year;

  const popup = (title, ...parts) => el("div", { class: "sz-popup" }, el("h3", {}, said(title)), ...parts);
  const sentence = text => known(text) ? el("p", {}, said(text)) : null;
  const told = () => data.told_in === page.language ? null : el("p", { class: "sz-note" }, t().told_in);
  const facts = pairs => {
    const rows = pairs.filter(([, given]) => known(given));
    const look = given => is_long(given) ? "sz-long" : "sz-right";
    return rows.length ? el("table", { class: "sz-facts" }, rows.map(([name, given]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: look(given) }, said(given))))) : null;
  };
  const chip = name => {
    const look = data.treatments[name];
    if (!look) return null;
    const out = el("span", { class: "sz-chip" }, pick(look.label));
    out.style.background = look.fill;
    out.style.borderColor = look.line;
    return out;
  };
  const homes = (p, decimals = 0) => [t().dwellings + " / " + t().people, number(p.dwellings, p.dwellings % 1 ? 1 : 0) + t().of_dwellings + " / " + number(p.people, decimals) + t().of_people];
  const toUnit = id => {
    const row = page.unitRow(id);
    return row === undefined ? null : el("p", {}, el("button", { type: "button", class: "sz-link", click: () => page.tell({ layer: "units", row }) }, t().unit_of_house + " (" + id + ")"));
  };

  const optionRows = new Map();
  data.options.unit_id.forEach((unit, row) => optionRows.set(unit, [...(optionRows.get(unit) || []), row]));

  function optionTable(unit) {
    const order = ["connect", "own_plant", "johkasou"];
    const options = (optionRows.get(unit.unit_id) || []).map(row => record(data.options, row)).sort((a, b) => order.indexOf(a.option) - order.indexOf(b.option));
    if (!options.length) return null;
    const most = Math.max(...options.map(o => o.is_possible ? o.total_yen_per_yr || 0 : 0)), right = { class: "sz-right" };
    const rows = options.flatMap(o => {
      const is_chosen = data.treatments[unit.treatment] && data.treatments[unit.treatment].option === o.option;
      const money = [o.capital_yen, o.capital_yen_per_yr, o.upkeep_yen_per_yr, o.total_yen_per_yr];
      const cells = o.is_possible ? money.map(yen => el("td", right, known(yen) ? number(yen) : "–")) : [el("td", { colspan: 4 }, t().impossible)];
      if (o.is_possible && most > 0 && known(o.total_yen_per_yr)) {
        const bar = el("div", { class: "sz-bar" });
        bar.style.width = 100 * o.total_yen_per_yr / most + "%";
        cells[3].append(bar);
      }
      const built = o.sewer_m > 0 ? t().sewer_length + " " + number(o.sewer_m) + " m, " + t().pumps + " " + number(o.pumps) : null;
      const note = [built, o.reason].filter(known).join("; ");
      const name = [t()[o.option], is_chosen ? " ✓ " + t().in_plan : null].filter(known);
      return [
        el("tr", { class: is_chosen && "sz-chosen" }, el("th", { scope: "row" }, ...name), cells),
        note ? el("tr", {}, el("td", { colspan: 5, class: "sz-note sz-under" }, said(note))) : null,
      ];
    });
    const head = [t().capital, t().yearly_capital, t().yearly_upkeep, t().yearly_total].map(name => el("th", { class: "sz-right", scope: "col" }, name));
    return [el("h4", {}, t().options_compared), el("table", { class: "sz-options" }, el("tr", {}, el("th", {}, t().option + " (" + t().yen + ")"), head), rows)];
  }

  const tells = {
    units(p) {
      const margin = known(p.margin_yen_per_yr) ? number(p.margin_yen_per_yr) + " " + t().yen_per_yr + (known(p.margin_share) ? " (" + percent(p.margin_share) + ")" : "") : null;
      return popup(t().unit + " " + p.unit_id, chip(p.treatment), sentence(p.reason), told(), optionTable(p), facts([
        [t().district, p.district], homes(p),
        [t().area + " / " + t().density, number(p.area_ha, 1) + " ha / " + number(p.dwellings_per_ha, 1) + " " + t().per_ha],
        [t().flow, amount(p.flow_max_m3_per_d, t().m3_per_d, 1)],
        [t().runner_up, word(p.runner_up)], [t().margin, margin],
        [t().break_even_alone, amount(p.break_even_yen_per_m, t().yen_per_m)],
        [t().alone, treatment(p.alone_treatment)], [t().other_lives, treatment(p.other_lives_treatment)],
        [t().sewer_probability, known(p.sewer_probability) ? percent(p.sewer_probability) + (known(p.sureness) ? " (" + t()[p.sureness] + ")" : "") : null],
        [t().scenarios_turned, p["turned_" + page.language]],
        [t().by_official, p.is_changed ? treatment(p.official_treatment) : null], [t().difference, p.difference],
        [t().years_of, years(p)],
        [t().unverified, p.unverified_share > 0 ? percent(p.unverified_share) : null],
        [t().override_price, amount(p.override_price_yen_per_yr, t().yen_per_yr)], [t().system, p.system_id],
      ]));
    },
    zones: p => popup(treatment(p.treatment), facts([
      homes(p), [t().area, amount(p.area_ha, "ha", 1)], [p.treatment === "johkasou" ? t().tank_years : t().package_years, years(p)], [t().system, p.system_id],
    ])),
    districts: p => popup(p.name || t().district + " " + p.code, facts([
      homes(p), [t().people_on_sewers, number(p.people_sewered) + (p.people > 0 ? " (" + percent(p.people_sewered / p.people) + ")" : "")],
      [t().units_of_district, number(p.units)],
    ])),
    buildings: p => popup(t().house + " " + p.building_id, chip(p.treatment), sentence(p.reason), told(), facts([homes(p, 1)]), toUnit(p.unit_id)),
    edits: p => popup(t().house + " " + p.building_id, sentence(t()[p.kind]), sentence(p.reason), told(), toUnit(p.unit_id)),
    unconnected: p => popup(t().house + " " + p.building_id, sentence(t()[p.status]), facts([[t().length, amount(p.length_m, "m")]])),
    pipes: p => popup(t()[p.kind] + " " + p.pipe_id, facts([
      [t().crossing, known(p.crossing) ? t()["crossing_" + p.crossing] : null],
      [t().diameter, amount(p.diameter_mm, "mm")], [t().length, amount(p.length_m, "m", 1)],
      [t().slope, p.kind === "gravity" ? amount(p.slope_permille, "‰", 1) : null],
      [t().design_flow, amount(p.flow_l_per_s, "L/s", 2)], [t().velocity, amount(p.velocity_m_per_s, "m/s", 2)],
      [t().excavation, number(p.excavation_up_m, 2) + " / " + number(p.excavation_down_m, 2) + " m"],
      [t().system, p.system_id],
    ]), toUnit(p.unit_id)),
    stock: p => popup(t().stock + " " + p.sewer_id, facts([
      [t().outcome, known(p.status) ? t()["outcome_" + p.status] : null], [t().turn_year, p.turn_year], [t().branch, p.branch_id],
      [t().kind, t()[p.kind]], [t().diameter, amount(p.diameter_mm, "mm")], [t().length, amount(p.length_m, "m", 1)],
      [t().installed_year, p.installed_year], [t().urgency, known(p.urgency) ? t()["urgency_" + p.urgency] : null], [t().due_year, p.due_year],
      [t().upstream, known(p.dwellings_upstream) ? number(p.dwellings_upstream) : null],
      [t().keep_present, amount(p.keep_present_yen, t().yen)], [t().turn_present, amount(p.turn_present_yen, t().yen)],
    ])),
    links: p => popup(t().link + " " + p.link_id, facts([
      [t().unit, p.unit_id], [t().to_unit, known(p.to_unit_id) ? t().unit + " " + p.to_unit_id : t()["flows_to_" + p.flows_to]], [t().length, amount(p.length_m, "m")],
      [t().design_flow, amount(p.flow_l_per_s, "L/s", 2)], [t().system, p.system_id],
    ])),
    pumps: p => popup(t().pump + " " + p.pump_id, facts([
      [t().kind, t()[p.kind]], [t().design_flow, amount(p.flow_l_per_s, "L/s", 2)], [t().head, amount(p.head_m, "m", 1)],
      [t().power, amount(p.power_kw, "kW", 2)], [t().length, p.main_m > 0 ? amount(p.main_m, "m") : null], [t().system, p.system_id],
    ])),
    systems: p => popup(t().system + " " + p.system_id, facts([
      [t().kind, t()[p.kind]], homes(p), [t().flow, amount(p.flow_max_m3_per_d, t().m3_per_d, 1)],
      [t().sewer_length, amount(p.sewer_m, "m")], [t().pumps, number(p.pumps)],
      [t().capital, amount(p.capital_yen, t().yen)], [t().yearly_total, amount(p.total_yen_per_yr, t().yen_per_yr)],
    ])),
    plants: p => popup(p.name || t()["site_" + p.kind], known(p.name) ? sentence(t()["site_" + p.kind]) : null, sentence(p.reason), known(p.reason) ? told() : null, facts([
      [t().verdict, known(p.verdict) ? t()[p.verdict === "join" ? "joined" : "kept"] : null],
      [t().joined_to, p.joined_to === "own_plant" ? t().to_own_plant : word(p.joined_to)],
      [t().plant_number, known(p.to_plant_id) ? page.plantName(p.to_plant_id) : null],
      [t().keep_cost, amount(p.keep_yen_per_yr, t().yen_per_yr)], [t().join_cost, amount(p.join_yen_per_yr, t().yen_per_yr)],
      [t().join_chance, known(p.join_probability) ? percent(p.join_probability) : null],
      [t().override, known(p.decision) ? t()[p.decision === "join" ? "joined" : "kept"] : null],
      [t().daily_flow, amount(p.flow_max_m3_per_d, t().m3_per_d, 1)], [t().capacity, amount(p.capacity_m3_per_d, t().m3_per_d, 1)],
    ])),
    overrides: p => popup(t().override, sentence(t()[p.kind]), sentence(p.note), facts([
      [t().override_price, amount(p.price_yen_per_yr, t().yen_per_yr)], [t().units_of_district, known(p.units) ? number(p.units) : null],
    ])),
    served_areas: p => popup(t().served_area, sentence(p.name)),
    barriers: p => popup(t().barrier, sentence(known(p.kind) ? t()["crossing_" + p.kind] || p.kind : null)),
  };
  return {
    popup: ({ layer, row }) => tells[layer](record(data.layers[layer].columns, row)),
    hint(found) {
      const p = record(data.layers[found.layer].columns, found.row);
      return (known(p.unit_id) ? t().unit + " " + p.unit_id : t().house + " " + p.building_id) + ": " + treatment(p.treatment);
    },
  };
}
