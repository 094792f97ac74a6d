"use strict";
(function () {
  var $ = function (id) { return document.getElementById(id); };

  // A page of a run loads itself again, until nothing has been heard of the run for some minutes: then its process waits, or is
  // no more, and nobody will say so in the file.
  var live = $("live"), heard = live && Date.parse(live.dataset.asOf), patience = 5 * 60 * 1000;
  if (live && Date.now() - heard > patience) {
    live.className = "note";
    live.textContent = "Nothing has been heard of the run since " + new Date(heard).toLocaleString() + ": it waits for an answer, or its process has ended without a word. " +
      "This page no longer loads itself again; load it to see whether that has changed, and deskferry status says where it stands.";
  } else if (live) {
    window.setTimeout(function () { location.reload(); }, 3000);
  }

  // Filter: what is in the list is all there is to search.
  var form = $("filter");
  if (form) {
    var items = Array.prototype.slice.call(document.querySelectorAll("#problem-list > li"));
    var text = $("filter-text"), severity = $("filter-severity"), code = $("filter-code"), count = $("filter-count"), all = $("filter-open");
    var words = items.map(function (li) { return li.textContent.toLowerCase(); });
    items.map(function (li) { return li.dataset.code; }).filter(function (c, i, a) { return a.indexOf(c) === i; }).sort().forEach(function (c) { code.add(new Option(c, c)); });
    var apply = function () {
      var wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      items.forEach(function (li, i) {
        var hit = (!severity.value || li.dataset.severity === severity.value) && (!code.value || li.dataset.code === code.value) &&
          wanted.every(function (w) { return words[i].indexOf(w) >= 0; });
        li.hidden = !hit;
        if (hit) shown++;
      });
      count.textContent = shown === items.length ? (shown === 1 ? "1 shown" : "All " + shown + " shown") : shown + " of " + items.length + " shown";
    };
    var details = function () { return items.map(function (li) { return li.querySelector("details"); }); };
    all.addEventListener("click", function () {
      var open = all.textContent === "Open all";
      details().forEach(function (d) { d.open = open; });
      all.textContent = open ? "Close all" : "Open all";
    });
    form.addEventListener("submit", function (e) { e.preventDefault(); });
    form.addEventListener("input", apply);
    form.addEventListener("change", apply);
    form.hidden = false;

    // A page that loads itself again comes back as it was left.
    var place = "deskferry " + location.pathname;
    try {
      var was = JSON.parse(sessionStorage.getItem(place));
      if (was) {
        text.value = was.text; severity.value = was.severity; code.value = was.code;
        if (code.selectedIndex < 0) code.value = "";
        items.forEach(function (li) { li.querySelector("details").open = was.open.indexOf(li.querySelector(".code").textContent) >= 0; });
      }
      sessionStorage.removeItem(place);
    } catch (e) { /* a browser that keeps nothing for files */ }
    if (live) window.addEventListener("pagehide", function () {
      var open = items.filter(function (li) { return li.querySelector("details").open; }).map(function (li) { return li.querySelector(".code").textContent; });
      try { sessionStorage.setItem(place, JSON.stringify({ text: text.value, severity: severity.value, code: code.value, open: open })); } catch (e) { /* as above */ }
    });
    apply();
    var closed = []; // on paper all problems are open
    window.addEventListener("beforeprint", function () {
      closed = details().filter(function (d) { return !d.open; });
      closed.forEach(function (d) { d.open = true; });
    });
    window.addEventListener("afterprint", function () { closed.forEach(function (d) { d.open = false; }); });
  }

  // Copy: by the clipboard where the browser lets a file use it, else the line is selected.
  var select = function (line) {
    var range = document.createRange(), selection = window.getSelection();
    range.selectNodeContents(line);
    selection.removeAllRanges();
    selection.addRange(range);
    var done = false;
    try { done = document.execCommand("copy"); } catch (e) { done = false; }
    return done;
  };
  document.querySelectorAll("button.copy").forEach(function (button) {
    var line = button.parentNode.querySelector(".line");
    var tell = function (word) {
      button.textContent = word;
      window.setTimeout(function () { button.textContent = "Copy"; }, 2500);
    };
    var fallback = function () { tell(select(line) ? "Copied" : "Selected"); };
    button.setAttribute("aria-live", "polite");
    button.hidden = false;
    button.addEventListener("click", function () {
      if (!navigator.clipboard || !navigator.clipboard.writeText) return fallback();
      navigator.clipboard.writeText(line.textContent).then(function () { tell("Copied"); }, fallback);
    });
  });

  // The section in sight is marked in the list of sections.
  var links = document.querySelectorAll(".toc a");
  if (window.IntersectionObserver) {
    var watch = new IntersectionObserver(function (seen) {
      seen.forEach(function (s) {
        if (!s.isIntersecting) return;
        links.forEach(function (a) {
          if (a.getAttribute("href") === "#" + s.target.id) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
        });
      });
    }, { rootMargin: "-10% 0px -80% 0px" });
    document.querySelectorAll("main > section").forEach(function (s) { watch.observe(s); });
  }
})();
