package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/testdata"
)

func demoCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "import the bundled export into an embedded sandbox: no account needed",
		Description: "A helpdesk of 240 conversations in seven languages is imported into a Gorgias look-alike inside this program, over HTTP, with a real account's " +
			"kind of trouble on the way: a refused request, a lost answer. Everything it makes is in one folder.",
		Flags: append([]cli.Flag{
			with(stringFlag("dir", "`FOLDER` for what the demo makes; emptied of an earlier demo first"), "demo"),
			with(stringFlag("faults", "what goes wrong, as `SCRIPT`; empty is nothing"), "429:1s@40, drop-after@90"),
			boolFlag("serve", "keep the sandbox's page up afterwards, until Ctrl-C"),
		}, reportFlags()...),
		Action: func(c *cli.Context) error { return demo(c, std) },
	}
}

// demoFiles are what a demo makes, below its folder.
var demoFiles = []string{"helpdesk.json", "helpdesk.yaml", "deskferry.db", "deskferry.db-wal", "deskferry.db-shm", "sandbox.state"}

func demo(c *cli.Context, std streams) (err error) {
	dir := c.String("dir")
	told, err := newTeller(c, std)
	if err != nil {
		return err
	}
	if err := unpackDemo(dir); err != nil {
		return err
	}
	faults, err := sandbox.ParseFaults(c.String("faults"))
	if err != nil {
		return usagef("%v", err)
	}
	account := sandbox.New(sandbox.Options{Faults: faults, StateFile: filepath.Join(dir, "sandbox.state")})
	url, closeAccount, err := account.Start()
	if err != nil {
		return err
	}
	defer closeAccount()
	out := std.out
	if told.json { // which is all that standard output holds then
		out = std.err
	}
	fmt.Fprintf(out, "an embedded sandbox listens at %s\n\n", url)

	stop, abort, release := twoStage(c.Context)
	defer release()
	if err := ferryDemo(stop, abort, told, dir, url); err != nil {
		return told.fail(err)
	}
	told.ended(nil)
	if err := told.tell(); err != nil && !errors.Is(err, errIncomplete) { // what is left is no failure of a demo
		return err
	}
	stats := account.Stats()
	fmt.Fprintf(out, "\nthe sandbox has %d tickets, %d messages; its outbox holds %d\n\n", stats.Tickets, stats.Messages, stats.Outbox)
	self := os.Args[0]
	for _, line := range [][2]string{
		{"the export", filepath.Join(dir, "helpdesk.json")},
		{"its mapping", filepath.Join(dir, "helpdesk.yaml")},
		{"the ledger", self + " status --ledger " + filepath.Join(dir, "deskferry.db")},
		{"the page", self + " sandbox --state " + filepath.Join(dir, "sandbox.state") + ", then http://127.0.0.1:8765"},
		{"your own", self + " check --from export.csv --mapping mapping.yaml"},
	} {
		fmt.Fprintf(out, "  %-12s %s\n", line[0], line[1])
	}
	if c.Bool("serve") {
		fmt.Fprintf(out, "\nthe page is at %s until Ctrl-C\n", url)
		<-stop.Done()
	}
	return nil
}

// unpackDemo empties dir of an earlier demo and puts the export and its mapping there.
func unpackDemo(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	for _, name := range demoFiles {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("emptying the demo's folder: %w", err)
		}
	}
	return os.CopyFS(dir, testdata.Demo)
}

// ferryDemo is an import as a user's would be, with the flags' defaults.
func ferryDemo(stop, abort context.Context, told *teller, dir, url string) (err error) {
	m, err := mapping.Load(os.DirFS(dir), "helpdesk.yaml", mapping.LoadOptions{})
	if err != nil {
		return err
	}
	set, err := sources.Open(stop, []string{filepath.Join(dir, "helpdesk.json")}, m.SourceOptions, nil)
	if err != nil {
		return err
	}
	defer set.Close()
	client, err := gorgias.New(gorgias.Settings{Base: url, User: "import@acme.test", Key: gorgias.NewSecret("demo"), Agent: "import@acme.test"})
	if err != nil {
		return err
	}
	client.Encoder.Mailboxes = map[string]string{"*": "support@acme.test"} // the sandbox has one mailbox
	path := filepath.Join(dir, "deskferry.db")
	l, err := ledger.Open(path, ledger.Options{Target: url})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	plans, err := ledger.OpenPlans(path, "demo")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plans.Close()) }()
	if err := l.Begin(stop, ledger.RunInfo{Version: versionText(), Source: m.Name(), Mapping: m.Hash(), Identity: m.IdentityHash()}); err != nil {
		return err
	}
	job := &importer.Job{Source: set, Files: set.Files(), Mapping: m, Now: time.Now(), LinkFiles: true, Pick: true}
	if err := told.read(job); err != nil {
		return err
	}
	s, err := job.Stage(stop, l, plans)
	if told.Summary = s; err == nil {
		err = told.previews(stop, job)
	}
	if err != nil {
		return err
	}
	f := &ferry{client: client, ledger: l, plans: plans, std: told.std, told: told, customers: true, fields: true, flags: runFlags{window: 5 * time.Second}}
	return f.end(s, f.carry(stop, abort, s))
}
