(function () {
  "use strict";
  document.documentElement.classList.add("js");

  // The start page asks; the list of pledges answers, by what stands behind the # of its address.
  var finder = document.querySelector("form[data-to]");
  if (finder) {
    finder.addEventListener("submit", function (event) {
      event.preventDefault();
      location.href = finder.dataset.to + "#q=" + encodeURIComponent(finder.elements.q.value.trim());
    });
  }

  var form = document.getElementById("filters");
  if (!form) { return; }
  var rows = Array.prototype.slice.call(document.querySelectorAll("#list > .pledge"));
  var list = document.getElementById("list"), said = document.getElementById("found");
  var keys = ["q", "status", "field", "department", "order"];
  var texts = rows.map(function (row) { return row.textContent.toLowerCase().replace(/\s+/g, " "); });
  function asked() {
    var found = {};
    location.hash.slice(1).split("&").forEach(function (part) {
      var at = part.indexOf("=");
      try { if (at > 0) { found[part.slice(0, at)] = decodeURIComponent(part.slice(at + 1)); } } catch (e) { return; }
    });
    return found;
  }
  function fill() {
    var found = asked();
    keys.forEach(function (key) { if (found[key] !== undefined) { form.elements[key].value = found[key]; } });
    Array.prototype.forEach.call(form.querySelectorAll("select"), function (one) {
      if (one.selectedIndex < 0) { one.selectedIndex = 0; }
    });
  }
  function value(row) { return row.dataset.rate === "" ? -1 : Number(row.dataset.rate); }
  function arrange(order) {
    var sorted = rows.slice();
    if (order) { sorted.sort(function (a, b) { return order === "up" ? value(a) - value(b) : value(b) - value(a); }); }
    sorted.forEach(function (row) { list.appendChild(row); });
  }
  function narrow() {
    var words = form.elements.q.value.trim().toLowerCase().split(/\s+/), shown = 0, choices = {};
    ["status", "field", "department"].forEach(function (key) { choices[key] = form.elements[key].value; });
    rows.forEach(function (row, at) {
      var fits = words.every(function (word) { return texts[at].indexOf(word) >= 0; });
      if (choices.status && row.dataset.status !== choices.status) { fits = false; }
      if (choices.field && row.dataset.field !== choices.field) { fits = false; }
      if (choices.department && row.dataset.department !== choices.department) { fits = false; }
      row.hidden = !fits;
      if (fits) { shown += 1; }
    });
    said.textContent = shown === rows.length ? "공약 " + shown + "개" : "공약 " + rows.length + "개 가운데 " + shown + "개";
  }
  function remember() {
    var parts = keys.filter(function (key) { return form.elements[key].value; })
      .map(function (key) { return key + "=" + encodeURIComponent(form.elements[key].value); });
    try { history.replaceState(null, "", parts.length ? "#" + parts.join("&") : location.pathname); } catch (e) { return; }
  }
  function go() { narrow(); arrange(form.elements.order.value); }
  form.addEventListener("input", function () { go(); remember(); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { setTimeout(function () { go(); remember(); }, 0); });
  window.addEventListener("hashchange", function () { fill(); go(); });
  fill();
  go();
}());
