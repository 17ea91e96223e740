(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");

  // The list of pledges: what does not fit the choices is hidden.
  var form = document.getElementById("filters");
  if (form) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("#pledge-list tbody tr"));
    var heads = Array.prototype.map.call(
      document.querySelectorAll("#pledge-list thead th"), function (th) { return th.textContent.trim(); });
    var said = document.getElementById("filter-count");
    var narrow = function () {
      var text = form.elements.q.value.trim().toLowerCase(), shown = 0;
      rows.forEach(function (row) {
        var fits = !text || row.textContent.toLowerCase().indexOf(text) >= 0;
        Array.prototype.forEach.call(form.querySelectorAll("select"), function (choice) {
          var cell = row.cells[heads.indexOf(choice.name)];
          if (choice.value && cell.textContent.trim() !== choice.value) { fits = false; }
        });
        row.hidden = !fits;
        if (fits) { shown += 1; }
      });
      said.textContent = "공약 " + rows.length + "건 가운데 " + shown + "건";
    };
    form.addEventListener("input", narrow);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(narrow, 0); });
    narrow();
  }

  // Evidence: the cells of the table at the end that count in one figure of one scope.
  var panel = document.getElementById("trace"), data = document.getElementById("scopes");
  if (!panel || !data) { return; }
  var told = JSON.parse(data.textContent);
  var cells = Array.prototype.slice.call(document.querySelectorAll("#cells tbody tr"));
  var links = document.querySelectorAll("a[data-trace]");
  Array.prototype.forEach.call(links, function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      location.hash = "trace/" + encodeURIComponent(link.dataset.trace);
    });
  });
  function has(list, code) { return (" " + list + " ").indexOf(" " + code + " ") >= 0; }
  function shown(number) {
    return (Math.round(number * 1e6) / 1e6).toLocaleString("ko-KR", { maximumFractionDigits: 6 });
  }
  function add(row, text, isNumber) {
    var cell = document.createElement("td");
    if (isNumber) { cell.className = "n"; }
    var bdi = document.createElement("bdi");
    bdi.textContent = text;
    cell.appendChild(bdi);
    row.appendChild(cell);
  }
  function show() {
    var asked = /^#trace\/(.+)$/.exec(location.hash);
    panel.hidden = !asked;
    if (!asked) { return; }
    var key = decodeURIComponent(asked[1]), code = key.slice(0, key.indexOf("/"));
    var scope = key.slice(key.indexOf("/") + 1), kind = scope.slice(0, scope.indexOf(":"));
    var id = scope.slice(scope.indexOf(":") + 1), held = told.scopes[scope] || [""];
    var measure = told.measures[code], hasBelow = told.none.indexOf(key) < 0;
    var heldBelow = measure.ofAll ? told.scopes["all:"] : held;
    var body = panel.querySelector("tbody"), sums = [0, 0];
    body.textContent = "";
    cells.forEach(function (row) {
      var d = row.dataset;
      if (kind === "funding_source" && d.source !== id) { return; }
      if (kind === "fiscal_year" && d.year !== id) { return; }
      if (measure.oneYear && kind !== "fiscal_year" && d.year !== told.year) { return; }
      var above = held.indexOf(d.pledge, 1) > 0 && has(d.above, code);
      var below = hasBelow && heldBelow.indexOf(d.pledge, 1) > 0 && has(d.below, code);
      if (!above && !below) { return; }
      var value = Number(d.value), over = above ? (measure.countsAbove ? 1 : value) : null;
      var under = below ? (measure.countsBelow ? 1 : value) : null, line = document.createElement("tr");
      sums[0] += over || 0;
      sums[1] += under || 0;
      for (var i = 0; i < 4; i += 1) { add(line, row.cells[i].textContent.trim(), false); }
      add(line, row.cells[4].textContent.trim(), true);
      add(line, over === null ? "" : shown(over), true);
      add(line, under === null ? "" : shown(under), true);
      body.appendChild(line);
    });
    panel.querySelector("h2").textContent = "근거: " + measure.name + ", " + held[0];
    panel.querySelector(".sums").textContent =
      "칸의 합계: 분자 " + shown(sums[0]) + (hasBelow ? ", 분모 " + shown(sums[1]) : "") + " · 칸 " + body.rows.length + "개";
    panel.scrollIntoView();
    panel.focus();
  }
  window.addEventListener("hashchange", show);
  show();
}());
