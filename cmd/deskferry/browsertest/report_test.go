package browsertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// maxPage is what a page may weigh, whatever it is about.
const maxPage = 2_000_000

// checked is the page of a check.
func checked(t *testing.T, export, mapping string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	run(t, "check", "--from", export, "--mapping", mapping, "--report", path)
	return reportAt(t, path)
}

// reportAt is the address of a report, which must not weigh too much.
func reportAt(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() >= maxPage {
		t.Errorf("%s weighs %d bytes", path, info.Size())
	}
	return file(t, path)
}

// sample is a file of testdata.
func sample(t *testing.T, name string) string {
	t.Helper()
	return absolute(t, filepath.Join("../../../testdata", name))
}

// sections are what a page about mapped data has, in order.
var sections = []string{"verdict", "safety", "flow", "problems", "volume", "people", "fields", "cost", "conversations", "about"}

// TestReport looks at the report's page and uses it.
func TestReport(t *testing.T) {
	b := newBrowser(t)
	troubled := checked(t, troubledExport(t), write(t, "troubled.yaml", shopMapping))
	t.Run("looks", func(t *testing.T) { reportLooks(t, b, troubled) })
	t.Run("filter", func(t *testing.T) { reportFilter(t, b, troubled) })
	t.Run("copy", func(t *testing.T) { reportCopy(t, b, troubled) })
	t.Run("keyboard", func(t *testing.T) { reportKeyboard(t, b, troubled) })
	t.Run("print", func(t *testing.T) { reportPrint(t, b, troubled) })
	t.Run("live", func(t *testing.T) { reportLive(t, b) })
	t.Run("stale", func(t *testing.T) { reportStale(t, b) })
	b.gate.quiet(t)
}

// reportLooks looks at the pages of a check, an import and a verification.
func reportLooks(t *testing.T, b *browser, troubled string) {
	axe := axeSource(t)
	dir, url := t.TempDir(), account(t)
	imported, verified, undone := filepath.Join(dir, "import.html"), filepath.Join(dir, "verify.html"), filepath.Join(dir, "undo.html")
	from := []string{"--from", sample(t, "helpdesk.json"), "--mapping", sample(t, "helpdesk.yaml"), "--to", url, "--ledger", filepath.Join(dir, "l.db")}
	run(t, append([]string{"import", "--rules-off", "--report", imported}, from...)...)
	run(t, append([]string{"verify", "--report", verified}, from...)...)
	touch(t, url)
	run(t, "undo", "--run", "1", "--yes", "--to", url, "--ledger", filepath.Join(dir, "l.db"), "--report", undone)
	all := looks()
	for _, c := range []struct {
		name, address string
		sections      []string
		looks         []look
	}{
		{"check", troubled, sections, all},
		{"import", reportAt(t, imported), sections, []look{all[0], all[3]}},
		{"verify", reportAt(t, verified), []string{"verdict", "verified", "about"}, []look{all[1], all[2]}},
		{"undo", reportAt(t, undone), []string{"verdict", "undone", "about"}, []look{all[0], all[3]}},
	} {
		p := b.open(t, c.address, c.looks[0])
		for _, l := range c.looks {
			t.Run(c.name+"/"+l.name, func(t *testing.T) {
				p.t = t
				p.dress(l)
				p.settle()
				p.showsSections(c.sections)
				if dark := eval[bool](p, `Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]) < 128`); dark != l.dark {
					t.Errorf("the page is dark: %v", dark)
				}
				p.holdsWidth()
				p.unfold(4)
				p.accessible(axe)
				p.unfold(100)
				p.holdsWidth()
				p.run(`for (const d of document.querySelectorAll(".talk-card")) d.open = false`)
			})
		}
		p.quiet(t)
	}
}

// touch is an agent who tags the newest ticket.
func touch(t *testing.T, url string) {
	t.Helper()
	var list struct{ Data []struct{ ID int64 } }
	if err := json.Unmarshal(ask(t, http.MethodGet, url+"/api/tickets?limit=1", nil), &list); err != nil || len(list.Data) != 1 {
		t.Fatalf("listing tickets: %v %+v", err, list)
	}
	ask(t, http.MethodPut, fmt.Sprintf("%s/api/tickets/%d", url, list.Data[0].ID), map[string]any{"tags": []any{map[string]any{"name": "vip"}}})
}

// showsSections fails unless each section is there, in order, named by its heading, and can be seen.
func (p *tab) showsSections(want []string) {
	p.t.Helper()
	got := eval[[]string](p, `[...document.querySelectorAll("main > section")].filter(s => {
		const head = document.getElementById(s.getAttribute("aria-labelledby"));
		return head && head.innerText.trim() && s.getBoundingClientRect().height > 40 && s.checkVisibility();
	}).map(s => s.id)`)
	if !slices.Equal(got, want) {
		p.t.Errorf("sections %q, want %q", got, want)
	}
	for _, broken := range eval[[]string](p, `[...document.querySelectorAll("main svg")].filter(s => s.checkVisibility() && !s.getBoundingClientRect().width).map(s => s.outerHTML.slice(0, 100))`) {
		p.t.Errorf("a picture without a width: %s", broken)
	}
	if text := eval[string](p, `document.body.innerText`); strings.Contains(text, "%!") || strings.Contains(text, "NaN") || strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "undefined") {
		p.t.Error("the page shows what is no value")
	}
}

// reportFilter narrows the list of problems.
func reportFilter(t *testing.T, b *browser, troubled string) {
	p := b.open(t, troubled, looks()[0])
	const shown = `[...document.querySelectorAll("#problem-list > li")].filter(e => e.checkVisibility())`
	count := func() int { return eval[int](p, shown+".length") }
	all := count()
	errors := eval[int](p, shown+`.filter(e => e.dataset.severity === "error").length`)
	if all < 4 || errors == 0 || errors == all {
		t.Fatalf("%d problems, %d errors: too few to filter", all, errors)
	}
	set := func(selector, value string) {
		t.Helper()
		p.run(fmt.Sprintf(`{ const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})) }`, selector, value))
	}
	told := func(want int) {
		t.Helper()
		if got := count(); got != want {
			t.Errorf("%d problems are shown, want %d", got, want)
		}
		if said := eval[string](p, `document.querySelector("#problems [aria-live]").innerText`); !strings.Contains(said, fmt.Sprint(want)) {
			t.Errorf("%d problems are shown, said is %q", want, said)
		}
	}
	told(all)
	set("#filter-severity", "error")
	told(errors)
	set("#filter-severity", "warning")
	told(all - errors)
	set("#filter-severity", "")
	code := eval[string](p, shown+`[0].dataset.code`)
	set("#filter-code", code)
	told(eval[int](p, fmt.Sprintf(`document.querySelectorAll('#problem-list > li[data-code=%q]').length`, code)))
	set("#filter-code", "")
	do(p, chromedp.SendKeys(chromedp.CSS("#filter-text"), "zebra"+kb.Enter)) // a value of the export; Enter goes nowhere
	told(eval[int](p, `[...document.querySelectorAll("#problem-list > li")].filter(e => e.textContent.includes("zebra")).length`))
	if count() == 0 || count() == all {
		t.Errorf("a search shows %d of %d", count(), all)
	}
	set("#filter-text", "nothing has these words")
	told(0)
	set("#filter-text", "")
	told(all)
	p.quiet(t)
}

// reportCopy copies a line for the mapping, where the browser allows it and where it does not.
func reportCopy(t *testing.T, b *browser, troubled string) {
	for _, clipboard := range []bool{true, false} {
		t.Run(fmt.Sprint("clipboard ", clipboard), func(t *testing.T) {
			p := b.open(t, troubled, looks()[0])
			if clipboard {
				for _, name := range []string{"clipboard-read", "clipboard-write"} {
					if _, err := chromedp.CallBrowser(p.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
						Permission: &cdpbrowser.PermissionDescriptor{Name: name}, Setting: cdpbrowser.PermissionSettingGranted,
					}); err != nil {
						t.Fatal(err)
					}
				}
			} else {
				p.run(`Object.defineProperty(navigator, "clipboard", {value: undefined})`)
			}
			p.run(`document.querySelectorAll("#problem-list details").forEach(d => d.open = true)`)
			line := eval[string](p, `document.querySelector("#problem-list button.copy").parentNode.querySelector(".line").textContent`)
			do(p, chromedp.Click(chromedp.CSS("#problem-list button.copy")))
			p.await(`["Copied", "Selected"].includes(document.querySelector("#problem-list button.copy").textContent)`)
			got := ""
			if clipboard {
				got = eval[string](p, `navigator.clipboard.readText()`)
			} else {
				got = eval[string](p, `getSelection().toString()`)
			}
			if got != line || line == "" {
				t.Errorf("copied %q, want %q", got, line)
			}
			p.quiet(t)
		})
	}
}

// reportKeyboard walks the page without a mouse.
func reportKeyboard(t *testing.T, b *browser, troubled string) {
	p := b.open(t, troubled, looks()[0])
	press := func(keys string) { do(p, chromedp.KeyEvent(keys)) }
	press(kb.Tab)
	if got := eval[string](p, `document.activeElement.getAttribute("href")`); got != "#main" {
		t.Errorf("the first stop is %q, want the link that skips to the report", got)
	}
	press(kb.Enter)
	p.await(`location.hash === "#main"`)
	var stops []string
	for range 60 {
		press(kb.Tab)
		stop := eval[string](p, `(() => {
			const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
			if (e === document.body) return "";
			if (e.closest("nav")) return "!" + e.outerHTML.slice(0, 80) + " comes after the link that skips it";
			if (!e.checkVisibility() || !r.width) return "!" + e.outerHTML.slice(0, 80) + " cannot be seen";
			if (s.outlineStyle === "none" && s.boxShadow === "none") return "!" + e.outerHTML.slice(0, 80) + " does not show that it has the focus";
			return e.tagName + "#" + e.id;
		})()`)
		if stop == "" {
			break
		}
		if strings.HasPrefix(stop, "!") {
			t.Error(stop[1:])
		}
		stops = append(stops, stop)
	}
	for _, want := range []string{"INPUT#filter-text", "SELECT#filter-severity", "SUMMARY#"} {
		if !slices.Contains(stops, want) {
			t.Errorf("the keyboard does not reach %s: %q", want, stops)
		}
	}
	p.quiet(t)
}

// reportPrint prints the page, and shows it where scripts are switched off.
func reportPrint(t *testing.T, b *browser, troubled string) {
	p := b.open(t, troubled, looks()[3])
	if pdf := do(p, chromedp.PrintToPDF()); !bytes.HasPrefix(pdf, []byte("%PDF-")) || len(pdf) < 20_000 {
		t.Errorf("printing makes %d bytes", len(pdf))
	}
	p.quiet(t)
	do(p, call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	do(p, chromedp.Reload())
	text := p.everything()
	for _, want := range []string{"zebra", "Send safety", "0 would be sent"} {
		if !strings.Contains(text, want) {
			t.Errorf("without scripts the page does not show %q", want)
		}
	}
	p.quiet(t)
}

// TestReportHostile shows hostile exports in every part of the page.
func TestReportHostile(t *testing.T) {
	b := newBrowser(t)
	mapping := write(t, "hostile.yaml", hostileMapping)
	for i, c := range []struct {
		kind   string
		export string
	}{
		{"html", hostileExport(t, "html")}, {"text", hostileExport(t, "text")}, {"problems", hostileProblems(t)}, {"bottomless", bottomless(t)}, {"bytes", hostileBytes(t)},
	} {
		t.Run(c.kind, func(t *testing.T) {
			name := `<img src=x onerror=canary('file')>&#34;'.json`
			p := b.open(t, checked(t, write(t, name, c.export), mapping), looks()[i%len(looks())])
			title := eval[string](p, `document.title`)
			p.unfold(100)
			p.holdsWidth()
			p.harmless()
			seen := p.everything()
			for i, a := range attacks() {
				if strings.Contains(c.export, marker(c.kind, i)) && !strings.Contains(seen, marker(c.kind, i)) {
					t.Errorf("%s (%s) is not shown", marker(c.kind, i), a.name)
				}
			}
			p.overAll()
			if now := eval[string](p, `document.title`); now != title {
				t.Errorf("the title became %q", now)
			}
			p.quiet(t)
		})
	}
	b.gate.quiet(t)
}

// overAll moves the mouse down the page, as a curious reader does, and over whatever lies in its way.
func (p *tab) overAll() {
	p.t.Helper()
	for y := range 8 {
		do(p, call(input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: 180, Y: float64(60 + 80*y)}))
	}
}
