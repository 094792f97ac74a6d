package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"go.opentelemetry.io/otel/trace"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
)

func syncCommand(std streams) *cli.Command {
	var flags []cli.Flag
	flags = append(flags, jobFlag())
	for _, s := range jobSections() {
		flags = append(flags, s.flags...)
	}
	return &cli.Command{
		Name:  "sync",
		Usage: "bring over what is new since the last time, unattended: for cron, systemd or Kubernetes",
		Description: "As import, for every night: new tickets and messages are added, and what changed in the source is written where nobody has changed it in Gorgias. " +
			"Settings may stand in a job file, so that deskferry sync --job acme.yaml is the whole line. docs/sync.md has the file, timers and metrics.\n\n" +
			credentialHelp + fileHelp + notifyHelp,
		Flags:  flags,
		Before: func(c *cli.Context) error { return prepareSync(c, std) },
		Action: func(c *cli.Context) error { return syncSource(c, std) },
	}
}

// outOfTime ends a sync as --max-duration says.
type outOfTime struct{}

func (outOfTime) Error() string { return "stopped as --max-duration says; the next sync goes on" }
func (outOfTime) Unwrap() error { return errInterrupted }

// night is one sync: what it works with, and what watches over it.
type night struct {
	c       *cli.Context
	people  streams // where the outcome is told
	std     streams // err takes what is told while it works
	options importer.SyncOptions
	unread  bool    // the command line was at fault, so what it names may not be what is meant
	told    *teller // nil where the settings do not let one be made
	notes   *notes  // nil on a terminal
	log     *slog.Logger
	metrics *metrics
	traces  *traces
	notify  *notifier
	before  outcome
	out     outcome

	conflicts int64 // tickets of the ledger with a change that was not written, after the run
}

// newNight is a sync that has done nothing yet, and knows nobody to tell.
func newNight(c *cli.Context, std streams) *night {
	n := &night{c: c, people: std, std: std, log: slog.New(slog.DiscardHandler), notify: &notifier{}}
	n.out = outcome{Name: nightName(c), Started: time.Now(), Ledger: c.String("ledger"), Target: c.String("to")}
	n.before = readOutcome(outcomeFile(c.String("ledger")))
	n.out.Before, n.out.Finished = n.before.Outcome, n.before.Finished
	return n
}

// prepareSync looks at a sync's command line, as prepare. When it cannot be carried out those who wait for it are told, as far as
// they are known: at night nobody reads an error.
func prepareSync(c *cli.Context, std streams) error {
	err := prepare(c)
	if err == nil {
		err = metricsName(c)
	}
	if err == nil {
		return nil
	}
	n := newNight(c, std)
	n.unread = true
	n.notify, _ = newNotifier(c) // what is wrong with it besides is said once this is mended
	return n.end(err)
}

// syncSource carries out one sync and tells everyone how it ended.
func syncSource(c *cli.Context, std streams) (err error) {
	n := newNight(c, std)
	n.metrics = newMetrics(n.out.Name)
	n.metrics.begin(n.out.Started, n.before.Finished)
	closeLog, err := n.open()
	defer func() { err = errors.Join(err, closeLog()) }()
	if err != nil {
		return n.end(err)
	}
	stop, abort, release := unattended(c)
	defer release()
	c.Context = stop
	n.log.Info("sync begins", "name", n.out.Name, "version", versionText(), "target", n.out.Target, "ledger", n.out.Ledger)
	if err := n.notify.knock(context.WithoutCancel(stop), "start"); err != nil {
		n.people.say("%v", err)
		n.log.Error("telling that it begins", "error", err.Error())
	}
	err = n.watched(stop, abort)
	if errors.Is(err, errInterrupted) && errors.Is(context.Cause(stop), outOfTime{}) {
		err = outOfTime{}
	}
	return n.end(err)
}

// open gets ready those who are told: what cannot be is an error, and the others are there all the same. The returned function
// closes the log.
func (n *night) open() (closeLog func() error, err error) {
	var errs [3]error
	n.notify, errs[0] = newNotifier(n.c)
	log, closeLog, err := openLog(n.c, n.std)
	if errs[1] = err; err == nil {
		n.log = log
	}
	told, err := newTeller(n.c, n.std)
	if errs[2] = err; err == nil {
		n.told = told
	}
	if n.c.Bool("quiet") || n.c.String("log") != "" || !isTerminal(n.std.err) {
		n.notes = &notes{log: n.log}
		n.std.err = n.notes
		if n.told != nil {
			n.told.std.err = n.notes
		}
	}
	return closeLog, errors.Join(errs[:]...)
}

// nightName is what a sync is called.
func nightName(c *cli.Context) string {
	name := c.String("name")
	if j := jobOf(c); name == "" && j != nil {
		name = j.name
	}
	return cmp.Or(name, strings.TrimSuffix(filepath.Base(c.String("ledger")), ".db"))
}

// watched does the work with metrics and traces around it.
func (n *night) watched(stop, abort context.Context) (err error) {
	if err := n.settings(); err != nil {
		return err
	}
	if address := n.c.String("metrics-listen"); address != "" {
		if err := n.metrics.listen(address); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, n.metrics.close()) }()
	}
	if n.traces, err = openTraces(stop, lookupEnv, n.log); err != nil {
		return err
	}
	defer func() {
		if e := n.traces.close(); e != nil {
			n.log.Warn("traces could not be sent", "error", e.Error())
		}
	}()
	ctx, span := n.traces.tracer.Start(stop, "sync")
	err = n.work(ctx, abort)
	span.SetAttributes(sumAttributes(n.out.Summary)...)
	endSpan(span, err)
	return err
}

// work takes the ledger, looks what is new in the source, and brings it over.
func (n *night) work(stop, abort context.Context) (err error) {
	c := n.c
	l, err := openLedger(c, n.std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if who, left := l.Left(); left {
		n.say("the last run was ended without a word (%s, last alive %s): what it was doing is settled now", who, who.Seen.UTC().Format("2006-01-02 15:04 MST"))
	}
	files, err := n.look(stop, l)
	if err != nil {
		return stopped(stop, err)
	}
	waits, err := l.Waits(stop, n.options.ApplyDeletions, n.options.AppendTouched)
	if err != nil {
		return err
	}
	if files.unchanged && !waits {
		return n.nothingNew(stop, l)
	}
	n.options.Partial = files.partial
	var client *gorgias.Client
	err = n.traces.in(stop, "connect", func(ctx context.Context) error {
		client, err = openTarget(ctx, c)
		return err
	})
	if err != nil {
		return stopped(stop, err)
	}
	n.metrics.client.Store(client)
	c.Context = withInputs(stop, files.read)
	return n.bring(stop, abort, client, l, files)
}

// bring reads the source and carries over what is new.
func (n *night) bring(stop, abort context.Context, client *gorgias.Client, l *ledger.Ledger, files *landed) (err error) {
	c := n.c
	_, reading := n.traces.tracer.Start(stop, "read the source")
	job, set, err := openJob(c, n.std)
	endSpan(reading, err)
	if err != nil {
		return stopped(stop, err)
	}
	defer set.Close()
	if err := n.told.read(job); err != nil {
		return err
	}
	job.Sync, job.Pick = &n.options, true // the plan keeps the choice, for a later run that wants the page
	job.LinkFiles = c.String("files") == linkFiles
	span := trace.SpanFromContext(stop)
	f := &ferry{client: client, ledger: l, std: n.std, told: n.told, flags: flagsOfRun(c), customers: true, sync: &n.options, watch: func(r importer.Result) {
		n.metrics.step(r)
		stepEvent(span, r)
	}}
	unload, err := f.load(stop, c, job)
	if err != nil {
		return stopped(stop, err)
	}
	defer func() { err = errors.Join(err, unload()) }()
	if err := f.canary(stop, abort, c, job); err != nil {
		return stopped(stop, err)
	}
	return n.carry(stop, abort, f, job, files)
}

// carry stages the source, once to see whether it can be trusted and once for the ledger, and carries it over.
func (n *night) carry(stop, abort context.Context, f *ferry, job *importer.Job, files *landed) error {
	m := job.Mapping
	if err := n.judge(stop, f, job); err != nil {
		return stopped(stop, err)
	}
	if err := f.ledger.Begin(stop, ledger.RunInfo{Version: versionText(), Source: m.Name(), Mapping: m.Hash(), Identity: m.IdentityHash(), Kind: "sync", Started: n.out.Started}); err != nil {
		return err
	}
	var s *importer.Summary
	err := n.traces.in(stop, "plan", func(ctx context.Context) (err error) {
		done := n.told.watch(job)
		defer done()
		s, err = job.Stage(ctx, f.ledger, f.plans)
		if n.out.Summary, n.told.Summary = s, s; err == nil {
			err = n.told.previews(ctx, job)
		}
		return err
	})
	if err != nil {
		return f.end(s, stopped(stop, err))
	}
	f.teams, f.fields = names(m, "assignee_team"), names(m, "custom_fields")
	err = n.traces.in(stop, "carry over", func(ctx context.Context) error { return f.carry(ctx, abort, s) })
	if err == nil {
		err = n.applyDeletions(stop, abort, f, m.Name(), s)
	}
	if err == nil && s.Tickets.Pending+s.Tickets.InDoubt == 0 {
		err = f.ledger.KeepFiles(context.WithoutCancel(stop), m.Name(), files.all)
	}
	if err = f.end(s, err); err != nil {
		return err
	}
	if n.conflicts, err = f.ledger.CountLeft(context.WithoutCancel(stop), ledger.LeftConflict); err != nil {
		return err
	}
	if next, doubt, e := f.ledger.NextLook(context.WithoutCancel(stop)); e == nil && doubt {
		n.say("tickets in doubt are looked for by the next run, after %s", next.Local().Format("15:04:05"))
	}
	if err := s.Balance(); err != nil {
		return err
	}
	return n.told.standing()
}

// judge stages the source without a word to the ledger and stops when too much of it is rejected: a changed export is not to be
// imported by half. The staging that follows finds it done.
func (n *night) judge(stop context.Context, f *ferry, job *importer.Job) error {
	closeRejects, err := openRejects(n.c, job)
	if err != nil {
		return err
	}
	var s *importer.Summary
	err = n.traces.in(stop, "map", func(ctx context.Context) (err error) {
		done := n.told.watch(job)
		defer done()
		s, err = job.Stage(ctx, unplanned{}, f.plans)
		return err
	})
	job.Rejects = nil
	if err = errors.Join(err, closeRejects()); err != nil {
		return err
	}
	most, percent := n.c.Int("max-rejects"), n.c.Int("max-rejects-percent")
	bad, all := s.Records.Rejected, s.Records.Read
	switch {
	case most >= 0 && bad > int64(most):
		err = fmt.Errorf("%d of %d records are rejected, more than the %d of --max-rejects: nothing was written; has the export changed? "+
			"deskferry check shows why, --rejects keeps them", bad, all, most)
	case bad*100 > all*int64(percent):
		err = fmt.Errorf("%d of %d records are rejected, more than %d %% (--max-rejects-percent): nothing was written; has the export changed? "+
			"deskferry check shows why, --rejects keeps them", bad, all, percent)
	}
	if err != nil {
		n.out.Summary, n.told.Summary = s, s
	}
	return err
}
