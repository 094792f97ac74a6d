// Package browsertest looks at the pages deskferry makes, in a real browser: that they show what they should, and that
// nothing an export holds can run, load or break them.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for anything; it ends a test that hangs and decides nothing else.
const patience = time.Minute

// browser is a Chromium without a window. All it loads goes through gate.
type browser struct {
	t    *testing.T
	ctx  context.Context
	gate *gate
}

// newBrowser starts a browser that ends with the test. Where there is none the test is skipped, or fails when
// DESKFERRY_TEST_BROWSER is "required".
func newBrowser(t *testing.T) *browser {
	t.Helper()
	if underRace {
		t.Skip("the race detector does not watch a browser")
	}
	path := chromium()
	if path == "" {
		absent(t, "no chromium on the path")
	}
	g := newGate(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.ProxyServer(g.url),
		// Frames stay in the page's process, where what happens in them is seen.
		chromedp.Flag("disable-features", "IsolateSandboxedIframes,site-per-process,Translate,BlinkGenPropertyTrees"),
		chromedp.Flag("disable-site-isolation-trials", true),
		chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		chromedp.Flag("hide-scrollbars", false),
		chromedp.Flag("lang", "en-GB"),
		chromedp.WSURLReadTimeout(patience),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return &browser{t: t, ctx: ctx, gate: g}
}

// chromium is the path of a browser, or "".
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// absent skips a test for want of a tool.
func absent(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("DESKFERRY_TEST_BROWSER") == "required" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// look is how a page is looked at.
type look struct {
	name   string
	width  int64
	height int64
	dark   bool
}

// looks are those every page must be good at.
func looks() []look {
	return []look{
		{name: "wide", width: 1440, height: 900},
		{name: "wide-dark", width: 1440, height: 900, dark: true},
		{name: "narrow", width: 360, height: 740},
		{name: "narrow-dark", width: 360, height: 740, dark: true},
	}
}

// tab is a page of the browser, and all that happened in it that should not have.
type tab struct {
	*watch
	t   *testing.T
	ctx context.Context
}

// open loads an address in a new tab; it and what it starts with are the only requests allowed.
func (b *browser) open(t *testing.T, address string, l look) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(b.ctx)
	t.Cleanup(stop)
	p := &tab{watch: &watch{allowed: address}, t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, func(event any) { p.see(ctx, event) }); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	do(p, call(runtime.AddBinding, runtime.AddBindingParams{Name: canary}))
	p.dress(l)
	do(p, chromedp.Navigate(address))
	p.settle()
	return p
}

// file is the address of a file.
func file(t *testing.T, path string) string {
	t.Helper()
	return "file://" + filepath.ToSlash(absolute(t, path))
}

// call is an action of one command of the browser's protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[R] {
	return func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, command, params) }
}

// do carries out an action and returns what it comes to.
func do[T any](p *tab, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	out, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// eval is what a JavaScript expression, or the promise that it is, comes to. A page that loads itself again meanwhile is
// asked again: that it may is for [watch] to say.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	ask := chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)
	return do(p, func(ctx context.Context, t *chromedp.Target) (T, error) {
		for {
			out, err := ask(ctx, t)
			if err == nil || ctx.Err() != nil || !wentAway(err) {
				return out, err
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
}

// wentAway reports whether an error is that of a page that was replaced.
func wentAway(err error) bool {
	for _, words := range []string{"navigated or closed", "context was destroyed", "Cannot find context", "Cannot find default execution context", "Promise was collected"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return false
}

// dress sets width, height and colour scheme.
func (p *tab) dress(l look) {
	p.t.Helper()
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	do(p, call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: l.height, DeviceScaleFactor: 1}))
	do(p, call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}))
}

// run carries out a script.
func (p *tab) run(script string) {
	p.t.Helper()
	eval[chromedp.Void](p, script)
}

// settle waits until what is there is drawn. A tab that is not in front may never draw.
func (p *tab) settle() {
	p.t.Helper()
	p.run(`new Promise(done => { requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))); setTimeout(done, 2000) })`)
}

// unfold opens everything that can be opened, of the conversations so many, and lets what is loaded late be loaded.
func (p *tab) unfold(talks int) {
	p.t.Helper()
	p.run(fmt.Sprintf(`{
		const closed = [...document.querySelectorAll(".talk-card")].slice(%d);
		for (const d of document.querySelectorAll("details")) d.open = !closed.some(c => c.contains(d));
		for (const f of document.querySelectorAll("iframe")) f.loading = "eager";
	}`, talks))
	p.settle()
}

// holdsWidth fails when the page must be scrolled sideways, and names what sticks out.
func (p *tab) holdsWidth() {
	p.t.Helper()
	if wide := eval[string](p, `(() => {
		const over = document.documentElement.scrollWidth - window.innerWidth;
		if (over <= 0) return "";
		const clipped = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (getComputedStyle(p).overflowX !== "visible") return true; return false; };
		const out = [...document.body.querySelectorAll("*")].filter(e => (e.getBoundingClientRect().right > window.innerWidth + 1 || e.scrollWidth > window.innerWidth) && !clipped(e));
		return over + " px too wide: " + out.slice(-8).map(e => e.outerHTML.slice(0, 120)).join("\n");
	})()`); wide != "" {
		p.t.Error("the page is " + wide)
	}
}

// await waits until an expression is true, over reloads too.
func (p *tab) await(condition string) {
	p.t.Helper()
	for end := time.Now().Add(patience); !eval[bool](p, condition); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("it never came true: %s", condition)
		}
	}
}
