package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

// heldReasons are what a ticket can be held for.
func heldReasons() []string {
	return []string{
		importer.ReasonDuplicate, importer.ReasonFiles, importer.ReasonGone, importer.ReasonIDReused, importer.ReasonIncomplete,
		importer.ReasonMerged, importer.ReasonTouched, importer.ReasonUndone, importer.ReasonUnknown,
	}
}

func retryCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "retry",
		Usage: "try again what was refused, held or is in doubt",
		Description: "Touches nothing but the tickets it is told to. Works from the plan that is kept beside the ledger as long as anything is open; after the data, the mapping " +
			"or the people map was mended, give --from and --mapping as in the import: the export is read again, and of it only those tickets are taken. What may be in " +
			"Gorgias already is looked for before anything is sent.\n\n" + credentialHelp + fileHelp,
		Flags: append(append(append(append(append([]cli.Flag{
			&cli.StringSliceFlag{Name: "reason", Aliases: []string{"held"}, EnvVars: append(env("reason"), env("held")...),
				Usage: "tickets held for this `REASON`: " + strings.Join(heldReasons(), ", ") + " (repeatable)"},
			&cli.BoolFlag{Name: "rejected", Aliases: []string{"refused"}, Usage: "tickets that Gorgias refused", EnvVars: env("rejected")},
			boolFlag("in-doubt", "tickets whose request was never answered and that were not found: looked for once more, then sent again"),
			boolFlag("undone", "what an undo took back, tickets and single messages"),
			boolFlag("missing-files", "files that tickets were imported without: those that can be had now come with an internal note in their ticket"),
			boolFlag("per-message", "create each ticket with its first message and post every further one by itself"),
		}, targetFlags()...), fileFlags()...), inputFlags()...), peopleFlags()...), reportFlags()...),
		Action: func(c *cli.Context) error { return retry(c, std) },
	}
}

// againFlag lets an import bring what was undone.
func againFlag() cli.Flag { return boolFlag("again", "bring also what an undo took back") }

// selection reads what a retry is told to try again.
func selection(c *cli.Context) (ledger.Selection, error) {
	s := ledger.Selection{Reasons: c.StringSlice("reason"), Refused: c.Bool("rejected"), InDoubt: c.Bool("in-doubt"), Undone: c.Bool("undone")}
	known := heldReasons()
	for _, r := range s.Reasons {
		if !slices.Contains(known, r) {
			return s, usagef("--reason %q: it is one of %s", r, strings.Join(known, ", "))
		}
	}
	switch {
	case len(s.Reasons) == 0 && !s.Refused && !s.InDoubt && !s.Undone && !c.Bool("missing-files"):
		return s, usagef("say what to try again: --reason REASON, --in-doubt, --rejected, --undone or --missing-files\nhint: deskferry status lists what is open")
	case slices.Contains(s.Reasons, importer.ReasonIncomplete) && len(c.StringSlice("from")) == 0:
		return s, usagef("--reason incomplete needs --from and --mapping: such a ticket is held whole until the rejected rows of it are mended, and the kept plan " +
			"lacks them\nhint: mend the rows, the mapping or the people map, then retry with the export; import --from with the mended rejects file does as well")
	case c.Bool("missing-files") && c.String("files") == linkFiles:
		return s, usagef("--missing-files fetches files, and --files link does not")
	case c.Bool("missing-files") && len(c.StringSlice("from")) > 0:
		return s, usagef("--missing-files needs no export: it goes by what the ledger knows; leave --from out")
	}
	return s, nil
}

func retry(c *cli.Context, std streams) (err error) {
	selected, err := selection(c)
	if err != nil {
		return err
	}
	told, err := newTeller(c, std)
	if err != nil {
		return err
	}
	stop, abort, release := twoStage(c.Context)
	defer release()
	c.Context = stop
	client, err := openTarget(stop, c)
	if err != nil {
		return stopped(stop, err)
	}
	l, err := openLedger(c, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	closeFiles, err := openFiles(c, client, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	r := &retrying{selected: selected, stop: stop, abort: abort, c: c,
		ferry: &ferry{client: client, ledger: l, std: std, told: told, flags: flagsOfRun(c), teams: true, fields: true, mail: true}}
	if slices.Contains(selected.Reasons, importer.ReasonTouched) {
		r.sync = &importer.SyncOptions{AppendTouched: true}
	}
	if len(c.StringSlice("from")) > 0 {
		return told.fail(r.mended())
	}
	return told.fail(r.kept())
}

// retrying is one retry.
type retrying struct {
	*ferry
	c           *cli.Context
	stop, abort context.Context
	selected    ledger.Selection
}

// kept retries from the plans that are kept beside the ledger.
func (r *retrying) kept() (err error) {
	if r.plans, err = ledger.OpenPlans(r.c.String("ledger"), ""); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.plans.Close()) }()
	info, err := lastRun(r.stop, r.ledger)
	if err == nil {
		err = r.inPlan(r.stop)
	}
	if err != nil {
		return err
	}
	info.Kind = "retry"
	r.told.Mapping.Name, r.told.Mapping.Hash = info.Source, info.Mapping
	if err := r.ledger.Begin(r.stop, info); err != nil {
		return err
	}
	n, err := r.ledger.Retry(r.stop, r.selected)
	var late lateFiles
	if err == nil && r.c.Bool("missing-files") {
		late, err = r.planLate(r.stop)
	}
	if err != nil {
		return r.end(nil, stopped(r.stop, err))
	}
	r.say(n + len(late.notes))
	summary, err := r.fromLedger(r.stop)
	if err != nil {
		return r.end(nil, err)
	}
	err = r.carry(r.stop, r.abort, summary)
	err = errors.Join(err, r.arrived(context.WithoutCancel(r.stop), &late))
	late.settle(summary)
	err = r.end(summary, err)
	return late.tell(r.std.err, r.tell(summary, err))
}

// inPlan refuses what could not be sent, before anything in the ledger changes: tickets whose messages no kept plan holds.
// Those in doubt are looked for, which needs no plan.
func (r *retrying) inPlan(ctx context.Context) error {
	sent := r.selected
	sent.InDoubt = false
	sent.Reasons = slices.DeleteFunc(slices.Clone(sent.Reasons), func(reason string) bool { return reason == importer.ReasonUnknown })
	var all, lacking int
	err := r.ledger.EachSelected(ctx, sent, func(key importer.Key) error {
		held, err := r.plans.Holds(ctx, key)
		if all++; !held {
			lacking++
		}
		return err
	})
	if err != nil || lacking == 0 {
		return err
	}
	return usagef("retry needs --from and --mapping: the messages of %s are in no plan that is kept beside the ledger; nothing was changed\n"+
		"hint: give both as in the import, and only these tickets are taken from the export", ofAll(lacking, all))
}

// ofAll says how many of the tickets are meant.
func ofAll(n, all int) string {
	switch {
	case all == 1:
		return "the ticket"
	case n == all:
		return fmt.Sprintf("the %d tickets", all)
	}
	return fmt.Sprintf("%d of the %d tickets", n, all)
}

// mended reads the export again and retries, of all it holds, what was selected.
func (r *retrying) mended() (err error) {
	job, set, err := openInputJob(r.c, r.std)
	if err != nil {
		return err
	}
	defer set.Close()
	if err := r.told.read(job); err != nil {
		return err
	}
	job.PerMessage, job.Sync, job.Pick = r.c.Bool("per-message"), r.sync, r.told.shows()
	m := job.Mapping
	if job.Only, err = r.ledger.Selected(r.stop, m.Name(), r.selected); err != nil {
		return err
	}
	r.say(len(job.Only))
	if len(job.Only) == 0 {
		return nil
	}
	name, err := job.PlanName(r.stop)
	if err != nil {
		return stopped(r.stop, err)
	}
	if r.plans, err = ledger.OpenPlans(r.c.String("ledger"), name); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.plans.Close()) }()
	info := ledger.RunInfo{Version: versionText(), Source: m.Name(), Mapping: m.Hash(), Identity: m.IdentityHash(), Kind: "retry", Started: r.told.Started}
	if err := r.ledger.Begin(r.stop, info); err != nil {
		return err
	}
	done := r.told.watch(job)
	summary, err := job.Stage(r.stop, r.ledger, r.plans)
	if r.told.Summary = summary; err == nil {
		err = r.told.previews(r.stop, job)
	}
	done()
	if err != nil {
		return r.end(nil, stopped(r.stop, err))
	}
	r.customers = true
	if err = r.release(m.Name()); err != nil {
		return r.end(nil, stopped(r.stop, err))
	}
	if err := r.restate(r.stop, summary); err != nil {
		return r.end(nil, err)
	}
	err = r.end(summary, r.carry(r.stop, r.abort, summary))
	return r.tell(summary, err)
}

// release makes workable what was planned of the selection. A ticket held as incomplete is so already, if it is whole now; else it
// stays held. What the source has merged since is met where it is, and not sent again.
func (r *retrying) release(source string) error {
	s := r.selected
	s.Planned = true
	s.Reasons = slices.DeleteFunc(slices.Clone(s.Reasons), func(reason string) bool { return reason == importer.ReasonIncomplete })
	if _, err := r.ledger.Retry(r.stop, s); err != nil {
		return err
	}
	if slices.Contains(s.Reasons, importer.ReasonMerged) {
		return nil // a person has seen them, and wants them besides
	}
	return r.ledger.Meet(r.stop, source)
}

func (r *retrying) say(n int) {
	if n == 0 {
		fmt.Fprintln(r.std.err, "deskferry: nothing to try again")
	}
}

// restate takes up in the account what was made workable after the planning.
func (f *ferry) restate(ctx context.Context, s *importer.Summary) error {
	tally, err := f.ledger.Tally(context.WithoutCancel(ctx))
	if err == nil {
		s.Settle(tally)
	}
	return err
}
