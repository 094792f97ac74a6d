package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// canary is the name of a function every page and frame of a tab has: hostile texts call it, so a call shows that one ran.
const canary = "canary"

// watch keeps what happened in a tab.
type watch struct {
	allowed string // the address of the page

	mu      sync.Mutex
	trouble []string
}

// see is told of everything by the browser.
func (w *watch) see(ctx context.Context, event any) {
	switch e := event.(type) {
	case *runtime.EventBindingCalled:
		w.add("ran: %s", e.Payload)
	case *page.EventJavascriptDialogOpening:
		w.add("a dialog opened: %s", e.Message)
		go func() {
			_, _ = chromedp.Run(ctx, call(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}))
		}()
	case *runtime.EventExceptionThrown:
		w.add("exception: %s %s", e.ExceptionDetails.Text, describe(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			args, _ := json.Marshal(e.Args)
			w.add("console %s: %s", e.Type, args)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			w.add("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if address := e.Request.URL; !w.mayLoad(address) {
			w.add("a request: %s", address)
		}
	case *network.EventWebSocketCreated:
		w.add("a socket: %s", e.URL)
	case *page.EventWindowOpen:
		w.add("a window: %s", e.URL)
	case *page.EventFrameNavigated:
		if address := e.Frame.URL; !w.mayLoad(address) && !strings.HasPrefix(address, "about:") {
			w.add("a frame went to %s", address)
		}
	}
}

// mayLoad reports whether an address is the page, its style, or nothing that is loaded from anywhere.
func (w *watch) mayLoad(address string) bool {
	page, _, _ := strings.Cut(address, "#")
	if page == w.allowed || strings.HasPrefix(address, "data:") {
		return true
	}
	origin, sandbox := strings.CutSuffix(page, "/page.css")
	return sandbox && strings.HasPrefix(origin, "http://127.0.0.1:") && strings.HasPrefix(w.allowed, origin+"/")
}

func (w *watch) add(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = append(w.trouble, fmt.Sprintf(format, args...))
}

// seen is what happened up to now.
func (w *watch) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.trouble)
}

// quiet fails when anything happened that should not have.
func (w *watch) quiet(t *testing.T) {
	t.Helper()
	seen := w.seen()
	if len(seen) > 12 {
		seen = append(seen[:12], fmt.Sprintf("and %d more", len(seen)-12))
	}
	for _, s := range seen {
		t.Errorf("in the browser: %.400s", s)
	}
}

func describe(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return o.Description
}
