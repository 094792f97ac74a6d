package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/deskferry/deskferry/importer"
)

// isTerminal tells whether w is one that may be drawn on.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// folded is text as it is written to w: on a terminal its long lines are broken at spaces, elsewhere it is as it is.
func folded(w io.Writer, text string) string {
	if !isTerminal(w) {
		return text
	}
	return fold(text)
}

// fold breaks the lines of text that are wider than help is.
func fold(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(strings.TrimRight(line, "\n")) <= helpWidth {
			b.WriteString(line)
			continue
		}
		rest := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(rest)]
		wrap(&b, indent, indent+"  ", rest)
	}
	return b.String()
}

// colours tells whether w should get colours: a terminal, and NO_COLOR (no-color.org) not set.
func colours(w io.Writer) bool { return isTerminal(w) && os.Getenv("NO_COLOR") == "" }

// progress shows how far long work is: a bar on a terminal, elsewhere a line every 30 seconds. Its methods are called
// from one goroutine.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	what  string
	unit  string
	start time.Time
	next  time.Time
	also  func(done, total int64) // who else wants to know; may be nil
	share float64                 // of the work that is done, where the count does not tell it well; zero: it does
}

const quietInterval = 30 * time.Second

// newProgress starts showing; total 0 is unknown. unit is what is counted, "tickets" or "bytes".
func newProgress(out io.Writer, what, unit string, total int64) *progress {
	p := &progress{out: out, what: what, unit: unit, start: time.Now(), next: time.Now().Add(quietInterval)}
	if !isTerminal(out) {
		return p
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what), progressbar.OptionSetPredictTime(unit == "bytes"),
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
	if p.also != nil {
		p.also(done, total)
	}
	if p.bar != nil {
		if total > 0 && p.bar.GetMax64() != total {
			p.bar.ChangeMax64(total)
		}
		if note != "" {
			if left := p.left(time.Now(), done, total); left != "" && p.unit != "bytes" { // of bytes the bar tells it
				note += ", " + left
			}
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
	if left := p.left(now, done, total); left != "" {
		line += ", " + left
	}
	if note != "" {
		line += ", " + note
	}
	fmt.Fprintln(p.out, line)
}

// left says how long the rest takes at the pace so far, "" where that is not known.
func (p *progress) left(now time.Time, done, total int64) string {
	share := p.share
	if share == 0 && total > 0 {
		share = float64(done) / float64(total)
	}
	if share <= 0 || share >= 1 {
		return ""
	}
	left := time.Duration(float64(now.Sub(p.start)) * (1 - share) / share)
	return max(left, time.Second).Round(time.Second).String() + " left"
}

// read shows how far a job has read its input. The returned function takes the bar away.
func (p *progress) read(job *importer.Job) (done func()) {
	job.Progress = func(at importer.Progress) {
		p.what = string(at.Phase)
		p.show(at.Done, at.Total, fmt.Sprintf("%d records, %d tickets", at.Records, at.Tickets))
	}
	return p.done
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
