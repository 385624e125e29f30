// A line chart answers to the pointer and to arrow keys with a crosshair, and says its numbers in words.
// Everything it says stands in the table under the chart, too: without this file nothing is missing.

const SVG = "http://www.w3.org/2000/svg";

function columnsOf(chart) {
  const columns = new Map();
  for (const dot of chart.querySelectorAll(".dot")) {
    const x = Number(dot.getAttribute("cx"));
    columns.set(x, [...(columns.get(x) ?? []), dot]);
  }
  return [...columns].sort(([a], [b]) => a - b);
}

function wordsOf(dots) {
  const isNow = (dot) => dot.parentNode.classList.contains("now");
  const [now, before] = [dots.find(isNow), dots.find((dot) => !isNow(dot))];
  const said = now ? `${now.dataset.day}: ${now.dataset.value}` : "withheld";
  return before ? `${said}; before, on ${before.dataset.day}: ${before.dataset.value}` : said;
}

function enliven(plot) {
  const chart = plot.querySelector(".chart");
  const columns = columnsOf(chart);
  const reading = plot.parentNode.querySelector(".reading");
  if (!columns.length || !reading) return;
  const cross = document.createElementNS(SVG, "line");
  cross.setAttribute("class", "cross");
  cross.setAttribute("y1", "14");
  cross.setAttribute("y2", chart.dataset.bottom);
  let place = null;

  function show(next) {
    if (place !== null) columns[place][1].forEach((dot) => dot.classList.remove("on"));
    place = Math.max(0, Math.min(columns.length - 1, next));
    const [x, dots] = columns[place];
    dots.forEach((dot) => dot.classList.add("on"));
    cross.setAttribute("x1", x);
    cross.setAttribute("x2", x);
    if (!cross.isConnected) chart.prepend(cross);
    reading.textContent = wordsOf(dots);
  }

  function hide() {
    if (place !== null) columns[place][1].forEach((dot) => dot.classList.remove("on"));
    place = null;
    cross.remove();
    reading.textContent = "\u00a0";
  }

  plot.addEventListener("keydown", (event) => {
    const last = columns.length - 1;
    const here = place ?? -1;
    const goes = { ArrowRight: here + 1, ArrowLeft: place === null ? last : here - 1, Home: 0, End: last };
    if (event.key === "Escape") hide();
    else if (event.key in goes) show(goes[event.key]);
    else return;
    event.preventDefault();
  });
  plot.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    const near = columns.map(([at]) => Math.abs(at - x));
    show(near.indexOf(Math.min(...near)));
  });
  plot.addEventListener("pointerleave", hide);
}

function copies(link) {
  link.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(link.href);
      const said = link.textContent;
      link.textContent = "Copied";
      setTimeout(() => { link.textContent = said; }, 1500);
    } catch {
      // The address bar has it now: the link leads to its own figure.
    }
  });
}

document.querySelectorAll(".plot").forEach(enliven);
document.querySelectorAll("a.copy").forEach(copies);
