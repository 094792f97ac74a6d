package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"
)

// end tells the log, metrics, notifications and people how it ended, and returns err as it is.
func (n *night) end(err error) error {
	o := &n.out
	o.Ended = time.Now()
	o.classify(err, exitOf(err))
	if o.finished() {
		o.Finished = o.Ended
	}
	switch {
	case !o.finished():
		o.Needs = n.before.Needs
	case !o.Unread:
		o.Needs = needsOf(o.Summary)
		o.Needs.Conflicts = n.conflicts
		if n.options.Partial { // what is not in a part may be elsewhere
			o.Needs.RemovedMessages = 0
		}
	}
	o.Text = o.line()
	level := slog.LevelInfo
	if !o.finished() {
		level = slog.LevelError
	}
	n.log.Log(context.Background(), level, o.Text, "outcome", o.Outcome, "exit", o.Exit, "seconds", o.Ended.Sub(o.Started).Seconds(), "error", o.Error, "needs", o.Needs)
	n.publish()
	err = errors.Join(err, n.report(err))
	if o.Outcome != outcomeOK && n.notes != nil {
		n.notes.tell(n.people.err)
	}
	if o.Outcome == outcomeInterrupted && !n.c.Bool("json") {
		fmt.Fprint(n.people.out, folded(n.people.out, fmt.Sprintf("%s: stopped early; %s (%s)\n", o.Name, cmp.Or(o.brought("so far "), "nothing was begun"), o.took())))
	}
	if !o.finished() || n.c.Bool("json") || o.Outcome == outcomeOK && n.c.Bool("quiet") {
		return err // what went wrong is said with the exit code
	}
	fmt.Fprint(n.people.out, folded(n.people.out, o.Text+"\n"))
	if o.Outcome == outcomeIncomplete {
		fmt.Fprintf(n.people.out, "hint: deskferry status --ledger %s says what to do\n", o.Ledger)
	}
	return err
}

// report writes the report where it was asked for: the file always, JSON of a sync that came to its end.
func (n *night) report(err error) error {
	if n.out.Outcome == outcomeBusy || n.told == nil {
		return nil // the one that is at work tells of the night
	}
	n.told.ended(err)
	var failed error
	if len(n.told.files) > 0 {
		failed = errors.Join(n.told.broken, n.told.write())
	}
	if n.told.json && n.out.finished() {
		failed = errors.Join(failed, n.told.print())
	}
	return failed
}

// publish tells those who are not here. What fails is said and changes nothing of the outcome.
func (n *night) publish() {
	o := &n.out
	ctx := context.WithoutCancel(n.c.Context)
	var errs []error
	if o.Outcome != outcomeBusy { // else the one that is at work tells of the night
		errs = append(errs, n.keep())
		word := ""
		if !o.finished() {
			word = "fail"
		}
		errs = append(errs, n.notify.knock(ctx, word))
	}
	if n.notify.wants(o, &n.before) {
		errs = append(errs, n.notify.tell(ctx, o))
	}
	for _, err := range apart(errors.Join(errs...)) {
		n.log.Error("telling how it ended", "error", err.Error())
		n.people.say("%v", err)
	}
}

// apart are errors that were joined, one by one.
func apart(err error) (all []error) {
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // what wraps joined errors is one error
	if !ok {
		if err != nil {
			all = append(all, err)
		}
		return all
	}
	for _, e := range joined.Unwrap() {
		all = append(all, apart(e)...)
	}
	return all
}

// keep writes the metrics, and what the next sync wants to know of this one. Where the command line is at fault only a ledger that
// is named surely has it.
func (n *night) keep() error {
	var failed error
	if n.metrics != nil {
		n.metrics.end(&n.out)
		if path := n.c.String("metrics"); path != "" {
			failed = n.metrics.write(path)
		}
	}
	if n.unread && !n.c.IsSet("ledger") {
		return failed
	}
	if err := n.out.keep(outcomeFile(n.out.Ledger)); !errors.Is(err, fs.ErrNotExist) { // without the ledger's folder there is more to say
		failed = errors.Join(failed, err)
	}
	return failed
}

// say tells something while it works: a line of the log is one line, however long.
func (n *night) say(format string, args ...any) {
	if n.notes == nil {
		n.std.say(format, args...)
		return
	}
	fmt.Fprintf(n.notes, format+"\n", args...)
}
