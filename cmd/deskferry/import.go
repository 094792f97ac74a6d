package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
)

func importCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "import",
		Usage: "bring the tickets over; run it again to go on, or to add what is new",
		Description: "Plans the whole export, then creates each ticket with its messages in one request. Stop it at any moment: the same command goes on.\n\n" +
			credentialHelp + fileHelp,
		Flags:  append(append(append(append(append(append(inputFlags(), peopleFlags()...), targetFlags()...), fileFlags()...), canaryFlags()...), choiceFlags()...), outputFlags()...),
		Action: func(c *cli.Context) error { return importExport(c, std) },
	}
}

func importExport(c *cli.Context, std streams) (err error) {
	address, err := canaryAddress(c)
	if err != nil {
		return err
	}
	stop, abort, release := twoStage(c.Context)
	defer release()
	c.Context = stop
	var client *gorgias.Client
	if slices.ContainsFunc(c.StringSlice("from"), isLive) { // reading an API may take hours: a wrong target is said before
		if client, err = openTarget(stop, c); err != nil {
			return stopped(stop, err)
		}
	}
	job, set, err := openJob(c, std)
	if err != nil {
		return err
	}
	defer set.Close()
	closeRejects, err := openRejects(c, job)
	if err != nil {
		return err
	}
	if client == nil {
		if client, err = openTarget(stop, c); err != nil {
			return stopped(stop, err)
		}
	}
	l, err := ledger.Open(c.String("ledger"), ledger.Options{Target: c.String("to")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	closeFiles, err := openFiles(c, client, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	name, err := job.PlanName(stop)
	if err != nil {
		return stopped(stop, err)
	}
	plans, err := ledger.OpenPlans(c.String("ledger"), name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plans.Close()) }()

	f := &ferry{client: client, ledger: l, plans: plans, std: std, flags: flagsOfRun(c), customers: true}
	if address != "" {
		if err = f.refuseCustomer(stop, job, address); err == nil {
			err = f.tryCanary(stop, abort, address, c.Duration("canary-wait"))
		}
		if err != nil {
			return stopped(stop, err)
		}
	}
	return f.importJob(c, stop, abort, job, closeRejects)
}

// importJob stages the export, carries it over and tells what came of it.
func (f *ferry) importJob(c *cli.Context, stop, abort context.Context, job *importer.Job, closeRejects func() error) error {
	m := job.Mapping
	if err := f.ledger.Begin(stop, ledger.RunInfo{Version: versionText(), Source: m.Name(), Mapping: m.Hash(), Identity: m.IdentityHash()}); err != nil {
		return err
	}
	done := watchJob(f.std.err, job)
	summary, err := job.Stage(stop, f.ledger, f.plans)
	done()
	if err = errors.Join(err, closeRejects()); err != nil {
		return f.end(nil, stopped(stop, err))
	}
	f.teams, f.fields = names(m, "assignee_team"), names(m, "custom_fields")
	err = f.end(summary, f.carry(stop, abort, summary))
	return f.tell(c, summary, err)
}

func retryCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "retry",
		Usage: "try again what was refused, held or is in doubt",
		Description: "Works from the plan that is kept beside the ledger as long as anything is open. What may be in Gorgias already is looked for before anything " +
			"is sent. Rejected records are mended in the --rejects file and imported with deskferry import.\n\n" + credentialHelp + fileHelp,
		Flags: append(append(targetFlags(), fileFlags()...),
			&cli.BoolFlag{Name: "rejected", Aliases: []string{"refused"}, Usage: "tickets that Gorgias refused", EnvVars: env("rejected")},
			stringsFlag("held", "tickets held for this `REASON`: duplicate, files, incomplete, id-reused, gone, merged (repeatable)"),
			boolFlag("in-doubt", "tickets whose request was never answered and that were not found: looked for once more, then sent again"),
			boolFlag("missing-files", "files that tickets were imported without: those that can be had now come with an internal note in their ticket"),
			boolFlag("per-message", "create each ticket with its first message and post every further one by itself"),
			boolFlag("json", "print the summary as JSON"),
		),
		Action: func(c *cli.Context) error { return retry(c, std) },
	}
}

func retry(c *cli.Context, std streams) (err error) {
	selected := ledger.Selection{Reasons: c.StringSlice("held"), Refused: c.Bool("rejected"), InDoubt: c.Bool("in-doubt")}
	if len(selected.Reasons) == 0 && !selected.Refused && !selected.InDoubt && !c.Bool("missing-files") {
		return usagef("say what to try again: --in-doubt, --rejected, --missing-files or --held REASON\nhint: deskferry status lists what is open")
	}
	if c.Bool("missing-files") && c.String("files") == linkFiles {
		return usagef("--missing-files fetches files, and --files link does not")
	}
	stop, abort, release := twoStage(c.Context)
	defer release()
	client, err := openTarget(stop, c)
	if err != nil {
		return stopped(stop, err)
	}
	l, err := ledger.Open(c.String("ledger"), ledger.Options{Target: c.String("to")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	closeFiles, err := openFiles(c, client, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	plans, err := ledger.OpenPlans(c.String("ledger"), "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plans.Close()) }()
	last, err := lastRun(stop, l)
	if err != nil {
		return err
	}
	if err := l.Begin(stop, last); err != nil {
		return err
	}
	f := &ferry{client: client, ledger: l, plans: plans, std: std, flags: flagsOfRun(c), teams: true, fields: true, mail: true}
	n, err := l.Retry(stop, selected)
	var late lateFiles
	if err == nil && c.Bool("missing-files") {
		late, err = f.planLate(stop)
	}
	if err != nil {
		return f.end(nil, stopped(stop, err))
	}
	if n+len(late.notes) == 0 {
		fmt.Fprintln(std.err, "deskferry: nothing to try again")
	}
	summary, err := f.fromLedger(stop)
	if err != nil {
		return f.end(nil, err)
	}
	err = f.carry(stop, abort, summary)
	err = f.end(summary, errors.Join(err, f.arrived(context.WithoutCancel(stop), late.notes)))
	return late.tell(std.err, f.tell(c, summary, err))
}
