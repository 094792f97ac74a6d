package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/importer/report"
)

func undoCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "undo",
		Usage: "take back what a run has brought, as far as nobody has touched it since",
		Description: "Deletes the tickets that the run made, and the single messages it added to tickets of earlier runs. A ticket in which somebody has written, or that was " +
			"changed in any way since, is left and listed, and so are tickets that were in the account before. First it shows what would be deleted and asks. Customers, tags " +
			"and uploaded files stay, and so do changes of status. Stop it at any moment: the same command goes on. What was taken back comes again only with " +
			"deskferry import --again or deskferry retry --undone.\n\n" + credentialHelp,
		Flags: append([]cli.Flag{
			stringFlag("run", "the `NUMBER` of the run, as deskferry runs shows it, or last"),
			stringFlag("to", "`ADDRESS` of the Gorgias account, as https://acme.gorgias.com"),
			with(stringFlag("ledger", "`FILE` that remembers what was done; one for each account"), "deskferry.db"),
			boolFlag("dry-run", "only show what would be taken back and what would be left"),
			boolFlag("yes", "do not ask"),
			boolFlag("trash", "put tickets into Gorgias's trash instead of deleting them: they come again only once they are restored or deleted there; single messages have none and are left"),
			durationFlag("grace", 0, "take changes within so much `TIME` after the import of a ticket for the account's own, not people's"),
			intFlag("concurrency", 4, "`N` tickets in work at the same time"),
			durationFlag("patience", defaultPatience, "`TIME` to wait for a target that does not answer"),
			intFlag("quota-share", 50, "`PERCENT` of the account's request quota to use"),
		}, reportFlags()...),
		Action: func(c *cli.Context) error { return undo(c, std) },
	}
}

func undo(c *cli.Context, std streams) error {
	run, err := runFlag(c)
	if err != nil {
		return err
	}
	if c.Duration("grace") < 0 || c.Int("concurrency") < 1 {
		return usagef("--grace is no negative time, and --concurrency at least 1")
	}
	told, err := newTeller(c, std)
	if err != nil {
		return err
	}
	stop, abort, release := twoStage(c.Context)
	defer release()
	client, err := openReader(stop, c)
	if err != nil {
		return stopped(stop, err)
	}
	l, err := openLedger(c, std)
	if err != nil {
		return err
	}
	u := &undoing{std: std, told: told, client: client, ledger: l, flags: c, abort: abort}
	err = told.fail(u.carry(stop, run))
	return errors.Join(err, l.Close())
}

// runFlag reads --run: 0 is the last.
func runFlag(c *cli.Context) (int64, error) {
	s := c.String("run")
	if s == "last" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case s == "":
		return 0, usagef("--run is missing: the number of the run to take back, or last\nhint: deskferry runs lists them")
	case err != nil || n < 1:
		return 0, usagef("--run %q: it is a number, or last\nhint: deskferry runs lists them", s)
	}
	return n, nil
}

// undoing is one undo.
type undoing struct {
	std    streams
	told   *teller
	client *gorgias.Client
	ledger *ledger.Ledger
	run    ledger.RunRecord
	flags  *cli.Context
	abort  context.Context
}

// carry looks, asks, and takes back.
func (u *undoing) carry(stop context.Context, run int64) error {
	rec, info, err := u.ledger.UndoRun(stop, run)
	if err != nil {
		return err
	}
	u.run = rec
	u.told.Mapping.Name, u.told.Mapping.Hash = info.Source, info.Mapping
	if err := u.do(stop, true); err != nil {
		return stopped(stop, err)
	}
	dry := u.told.Undo
	if u.flags.Bool("dry-run") || dry.Tickets+dry.Messages == 0 {
		return u.tell(nil)
	}
	if !u.flags.Bool("yes") {
		if err := u.confirm(stop); err != nil {
			return err
		}
	}
	info.Version, info.Kind = versionText(), "undo"
	if err := u.ledger.Begin(stop, info); err != nil {
		return err
	}
	err = u.do(stop, false)
	if stop.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = errInterrupted
	}
	note := fmt.Sprintf("took back run %d", rec.ID)
	if err != nil {
		note = fmt.Sprintf("took back a part of run %d: %v", rec.ID, err)
	}
	kept := *u.told.Undo
	kept.LeftTickets = []importer.UndoResult{} // the ledger has a remark beside each of them
	counts, e := json.Marshal(kept)
	return u.tell(errors.Join(err, e, u.ledger.End(context.Background(), string(counts), note)))
}

// do goes through the run, first dry and then for real. What came of it is in the report, also when it ends with an error.
func (u *undoing) do(ctx context.Context, dry bool) error {
	out := &importer.UndoSums{Version: 1, Run: u.run.ID, RunKind: u.run.Kind, RunSource: u.run.Source, RunStarted: u.run.Started.UTC(), DryRun: dry, Trash: u.flags.Bool("trash")}
	u.told.Undo = out
	what := "taking back"
	if dry {
		what = "looking"
	}
	bar := u.told.bar(what, "tickets", 0)
	defer bar.done()
	var seen int64
	engine := importer.Undo{
		Target: u.client, Ledger: u.ledger, Pacer: u.client.Pacer(), Run: u.run.ID, Dry: dry, Trash: out.Trash, Grace: u.flags.Duration("grace"),
		Workers: u.flags.Int("concurrency"), Patience: u.flags.Duration("patience"), Abort: u.abort,
	}
	return engine.Do(ctx, func(r importer.UndoResult) error {
		seen++
		r.URL = gorgias.TicketURL(u.told.Target, r.Target)
		out.Take(r)
		bar.show(seen, 0, fmt.Sprintf("%d left", len(out.LeftTickets)))
		return nil
	})
}

// confirm asks before anything is deleted.
func (u *undoing) confirm(ctx context.Context) error {
	if err := (report.Text{Colour: colours(u.std.err)}).Report(u.std.err, u.told.mask.report(u.told.shown())); err != nil {
		return err
	}
	fmt.Fprintf(u.std.err, "\n%s this? type yes: ", map[bool]string{false: "delete", true: "trash"}[u.told.Undo.Trash])
	answers := make(chan string, 1)
	go func() { // a read from a terminal cannot be broken off: Ctrl-C must not wait for it
		answer, _ := bufio.NewReader(u.std.in).ReadString('\n')
		answers <- answer
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(u.std.err)
		return errInterrupted
	case answer := <-answers:
		switch {
		case strings.TrimSpace(answer) == "yes":
			return nil
		case answer == "":
			fmt.Fprintln(u.std.err)
			return usagef("nobody answered, so nothing was taken back\nhint: --yes goes on without asking, --dry-run only shows")
		}
		return errors.New("nothing was taken back")
	}
}

// tell tells what came of it; err is why it ended early.
func (u *undoing) tell(err error) error {
	u.told.ended(err)
	told := u.told.tell()
	if err != nil {
		return err
	}
	return told
}
