package main

import (
	"context"
	"errors"
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
		Flags:  append(append(append(append(append(append(inputFlags(), peopleFlags()...), targetFlags()...), fileFlags()...), canaryFlags()...), choiceFlags()...), append(outputFlags(), againFlag())...),
		Action: func(c *cli.Context) error { return importExport(c, std) },
	}
}

func importExport(c *cli.Context, std streams) (err error) {
	if _, err := canaryAddress(c); err != nil {
		return err
	}
	told, err := newTeller(c, std)
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
	job.LinkFiles = c.String("files") == linkFiles
	if err := told.read(job); err != nil {
		return err
	}
	closeRejects, err := openRejects(c, job)
	if err != nil {
		return err
	}
	if client == nil {
		if client, err = openTarget(stop, c); err != nil {
			return stopped(stop, err)
		}
	}
	l, err := openLedger(c, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	f := &ferry{client: client, ledger: l, std: std, told: told, flags: flagsOfRun(c), customers: true}
	unload, err := f.load(stop, c, job)
	if err != nil {
		return stopped(stop, err)
	}
	defer func() { err = errors.Join(err, unload()) }()
	if err := f.canary(stop, abort, c, job); err != nil {
		return stopped(stop, err)
	}
	return told.fail(f.importJob(stop, abort, job, c.Bool("again"), closeRejects))
}

// importJob stages the export, carries it over and tells what came of it. With again, what an undo took back comes too.
func (f *ferry) importJob(stop, abort context.Context, job *importer.Job, again bool, closeRejects func() error) error {
	m := job.Mapping
	if err := f.ledger.Begin(stop, ledger.RunInfo{Version: versionText(), Source: m.Name(), Mapping: m.Hash(), Identity: m.IdentityHash(), Started: f.told.Started}); err != nil {
		return err
	}
	job.Pick = true // the plan keeps the choice, for a later run that wants the page
	done := f.told.watch(job)
	summary, err := job.Stage(stop, f.ledger, f.plans)
	if f.told.Summary = summary; err == nil {
		err = f.told.previews(stop, job)
	}
	done()
	if err = errors.Join(err, closeRejects()); err != nil {
		return f.end(nil, stopped(stop, err))
	}
	if again {
		_, err := f.ledger.Retry(stop, ledger.Selection{Again: true})
		if err = errors.Join(err, f.restate(stop, summary)); err != nil {
			return f.end(nil, stopped(stop, err))
		}
	}
	f.teams, f.fields = names(m, "assignee_team"), names(m, "custom_fields")
	err = f.end(summary, f.carry(stop, abort, summary))
	return f.tell(summary, err)
}
