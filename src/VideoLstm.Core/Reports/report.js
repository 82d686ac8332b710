// Shows the values of an epoch under each chart: the pointer chooses it, or the arrow keys, Home and End.
// Points come from the drawn lines, values from the table of epochs; without this script the page loses nothing else.
"use strict";
const rows = [...document.querySelectorAll("#epochs tbody tr")];
const charts = [...document.querySelectorAll("figure.chart")].map(figure => {
  const svg = figure.querySelector("svg");
  return {
    figure, svg,
    lines: [...svg.querySelectorAll("polyline")],
    cursor: svg.querySelector(".cursor"),
    output: figure.querySelector("output"),
  };
});
let chosen = rows.findIndex(row => row.classList.contains("chosen"));

function choose(index, chart) {
  chosen = Math.max(0, Math.min(rows.length - 1, index));
  rows.forEach((row, i) => row.classList.toggle("chosen", i === chosen));
  for (const { lines, cursor, output } of charts) {
    const x = lines[0].points[chosen].x;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.classList.toggle("shown", chart !== undefined);
    const values = lines.map(line => `${line.dataset.name} ${rows[chosen].cells[line.dataset.column].textContent}`);
    // Only the chart that is looked at is read out.
    output.setAttribute("aria-live", output === chart?.output ? "polite" : "off");
    output.textContent = `epoch ${rows[chosen].cells[0].textContent}: ${values.join(", ")}`;
  }
}

for (const chart of charts) {
  const point = event => {
    const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.svg.getScreenCTM().inverse()).x;
    const points = [...chart.lines[0].points];
    let nearest = 0;
    points.forEach((p, i) => { if (Math.abs(p.x - x) < Math.abs(points[nearest].x - x)) nearest = i; });
    choose(nearest, chart);
  };
  chart.svg.addEventListener("pointermove", point);
  chart.svg.addEventListener("pointerdown", point);
  chart.figure.addEventListener("keydown", event => {
    const target = { ArrowLeft: chosen - 1, ArrowRight: chosen + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (target === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    choose(target, chart);
  });
}
if (charts.length > 0) choose(chosen);
