package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
)

func settleCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "settle",
		Usage: "accept what a sync left as it is, so that it needs nobody any more",
		Description: "For held tickets that are to stay as they are, as one that an agent has put into the trash, for changes and deletions in the source that are not to be " +
			"brought over, and for messages that were edited there. It asks and changes nothing in Gorgias: the ledger remembers it. A settled ticket is left alone, whatever the " +
			"source makes of it, until deskferry retry or import --again asks for it; a later conflict or edit of another ticket is told again. deskferry status lists what there is.",
		Flags: []cli.Flag{
			with(stringFlag("ledger", "ledger `FILE`"), "deskferry.db"),
			&cli.StringSliceFlag{Name: "ticket", EnvVars: env("ticket"), Usage: "all there is about the ticket with this `KEY`, as status has it (repeatable)"},
			&cli.StringSliceFlag{Name: "reason", EnvVars: env("reason"), Usage: "tickets held for this `REASON`: " + strings.Join(settleReasons(), ", ") + " (repeatable)"},
			boolFlag("undone", "what an undo took back, tickets and single messages"),
			boolFlag("conflicts", "changes of the source that were not written"),
			boolFlag("edited", "messages that were edited in the source since they were sent"),
			boolFlag("removed", "tickets that the source holds no more"),
			boolFlag("dry-run", "only say how many tickets are meant"),
		},
		Action: func(c *cli.Context) error { return settle(c, std) },
	}
}

// settleReasons are what a ticket can be held for and stay so. What is in doubt has to be looked for.
func settleReasons() []string {
	return slices.DeleteFunc(heldReasons(), func(r string) bool { return r == importer.ReasonUnknown || r == importer.ReasonUndone })
}

// settlement reads what is to be settled.
func settlement(c *cli.Context) (s ledger.Settlement, err error) {
	for _, key := range c.StringSlice("ticket") {
		s.Keys = append(s.Keys, importer.Key(key))
	}
	s.Reasons, s.Undone = c.StringSlice("reason"), c.Bool("undone")
	for _, r := range s.Reasons {
		if !slices.Contains(settleReasons(), r) {
			return s, usagef("--reason %q: it is one of %s", r, strings.Join(settleReasons(), ", "))
		}
	}
	for flag, kind := range map[string]ledger.LeftKind{"conflicts": ledger.LeftConflict, "edited": ledger.LeftEdited, "removed": ledger.LeftRemoved} {
		if c.Bool(flag) {
			s.Left = append(s.Left, kind)
		}
	}
	others := len(s.Reasons)+len(s.Left) > 0 || s.Undone
	switch {
	case len(s.Keys) == 0 && !others:
		return s, usagef("say what stays as it is: --ticket KEY, --reason REASON, --undone, --conflicts, --edited or --removed\nhint: deskferry status lists what there is")
	case len(s.Keys) > 0 && others:
		return s, usagef("--ticket settles all there is about a ticket; leave the other flags out")
	}
	return s, nil
}

func settle(c *cli.Context, std streams) (err error) {
	s, err := settlement(c)
	if err != nil {
		return err
	}
	reader, err := ledger.Open(c.String("ledger"), ledger.Options{ReadOnly: true}) // a ledger that is not there is not made
	if err != nil {
		return err
	}
	if err := reader.Close(); err != nil {
		return err
	}
	l, err := openLedger(c, std)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	n, err := l.SettleAsIs(c.Context, s, c.Bool("dry-run"))
	switch {
	case err != nil:
		return err
	case n == 0:
		_, err = fmt.Fprintln(std.out, "nothing to settle")
	case c.Bool("dry-run"):
		_, err = fmt.Fprintf(std.out, "%s would be settled\n", count(n, "ticket"))
	default:
		_, err = fmt.Fprintf(std.out, "%s settled\n", count(n, "ticket"))
	}
	return err
}
