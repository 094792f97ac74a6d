package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// isTerminal tells whether w is one that may be drawn on.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// colours tells whether w should get colours: a terminal, and NO_COLOR (no-color.org) not set.
func colours(w io.Writer) bool { return isTerminal(w) && os.Getenv("NO_COLOR") == "" }

// progress shows how far long work is: a bar on a terminal, elsewhere a line every 30 seconds. Its methods are called
// from one goroutine.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	what  string
	start time.Time
	next  time.Time
}

const quietInterval = 30 * time.Second

// newProgress starts showing; total 0 is unknown. unit is what is counted, "tickets" or "bytes".
func newProgress(out io.Writer, what, unit string, total int64) *progress {
	p := &progress{out: out, what: what, start: time.Now(), next: time.Now().Add(quietInterval)}
	if !isTerminal(out) {
		return p
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what), progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetWidth(20), progressbar.OptionThrottle(100 * time.Millisecond), progressbar.OptionUseANSICodes(true),
		progressbar.OptionEnableColorCodes(false), progressbar.OptionClearOnFinish(),
	}
	if unit == "bytes" {
		options = append(options, progressbar.OptionShowBytes(true))
	} else {
		options = append(options, progressbar.OptionSetItsString(unit), progressbar.OptionShowIts())
	}
	if total == 0 {
		total = -1
	} else {
		options = append(options, progressbar.OptionShowCount())
	}
	p.bar = progressbar.NewOptions64(total, options...)
	return p
}

// show tells that done of total are finished; note says what became of them, "3 held".
func (p *progress) show(done, total int64, note string) {
	if p.bar != nil {
		if total > 0 && p.bar.GetMax64() != total {
			p.bar.ChangeMax64(total)
		}
		if note != "" {
			p.bar.Describe(p.what + " (" + note + ")")
		}
		_ = p.bar.Set64(done) // a bar that cannot be drawn is no reason to stop
		return
	}
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(quietInterval)
	rate := float64(done) / now.Sub(p.start).Seconds()
	line := fmt.Sprintf("%s: %d", p.what, done)
	if total > 0 {
		line += fmt.Sprintf(" of %d", total)
	}
	line += fmt.Sprintf(", %.0f/s", rate)
	if total > done && rate > 0 {
		line += fmt.Sprintf(", %s left", time.Duration(float64(total-done)/rate*float64(time.Second)).Round(time.Second))
	}
	if note != "" {
		line += ", " + note
	}
	fmt.Fprintln(p.out, line)
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
