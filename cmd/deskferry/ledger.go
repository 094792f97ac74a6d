package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/sources/cell"
)

func ledgerCommand(std streams) *cli.Command {
	file := func() cli.Flag { return with(stringFlag("ledger", "ledger `FILE`"), "deskferry.db") }
	return &cli.Command{
		Name:  "ledger",
		Usage: "what a ledger knows: old ids and new, redirects for old links, and whether it is whole",
		Subcommands: []*cli.Command{
			{
				Name:  "export",
				Usage: "the continuity map: each old ticket and message with its id and address in Gorgias",
				Flags: []cli.Flag{
					file(),
					with(stringFlag("as", "`FORM` to write, csv or ndjson"), "csv"),
					boolFlag("messages", "each message too, after its ticket"),
					stringFlag("pattern", "the old helpdesk's `ADDRESS` of a ticket, with {id}, as https://old.example/tickets/{id}; absent, the plan's where it is still there"),
				},
				Action: func(c *cli.Context) error { return ledgerExport(c, std) },
			},
			{
				Name:   "check",
				Usage:  "whether the file is whole and all it says can be so",
				Flags:  []cli.Flag{file(), boolFlag("json", "print what is wrong as JSON")},
				Action: func(c *cli.Context) error { return ledgerCheck(c, std) },
			},
			redirectsCommand(std, file()),
		},
	}
}

// openLedger opens the ledger of --ledger for the account of --to, to be written.
func openLedger(c *cli.Context, std streams) (*ledger.Ledger, error) {
	l, err := ledger.Open(c.String("ledger"), ledger.Options{Target: c.String("to")})
	if err != nil {
		return nil, err
	}
	if m, yes := l.Migrated(); yes && !c.Bool("quiet") {
		fmt.Fprintf(std.err, "deskferry: the ledger was of format %d and is now of %d, which older versions of deskferry cannot read; as it was, it is in %s\n", m.From, m.To, m.Copy)
	}
	return l, nil
}

// movedRow is a line of the continuity map; its JSON names and the columns of the CSV are stable.
type movedRow struct {
	Source     string `json:"source"`
	ID         string `json:"ticket_id"` // the source's
	URL        string `json:"source_url"`
	ExternalID string `json:"external_id"`
	State      string `json:"state"`
	Target     int64  `json:"gorgias_id,omitzero"`
	TargetURL  string `json:"gorgias_url"`
	Message    string `json:"message_id"` // external id; "" for the ticket itself
	MessageID  int64  `json:"gorgias_message_id,omitzero"`
	Direction  string `json:"direction"`
	Run        int64  `json:"run,omitzero"` // whose request stored the message
}

func movedColumns() []string {
	return []string{"source", "ticket_id", "source_url", "external_id", "state", "gorgias_id", "gorgias_url",
		"message_id", "gorgias_message_id", "direction", "run"}
}

func (r *movedRow) cells() []string {
	id := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	return []string{r.Source, r.ID, r.URL, r.ExternalID, r.State, id(r.Target), r.TargetURL, r.Message, id(r.MessageID), r.Direction, id(r.Run)}
}

// readLedger opens the ledger to look at it, with the account it is of.
func readLedger(c *cli.Context) (l *ledger.Ledger, account string, err error) {
	if l, err = ledger.Open(c.String("ledger"), ledger.Options{ReadOnly: true}); err != nil {
		return nil, "", err
	}
	if account, err = l.Target(c.Context); err != nil {
		return nil, "", errors.Join(err, l.Close())
	}
	return l, account, nil
}

func ledgerExport(c *cli.Context, std streams) (err error) {
	as, pattern := c.String("as"), c.String("pattern")
	if as != "csv" && as != "ndjson" {
		return usagef("--as %q: it is csv or ndjson", as)
	}
	if pattern != "" {
		if _, err := parsePattern(pattern); err != nil {
			return err
		}
	}
	l, account, err := readLedger(c)
	if err != nil {
		return err
	}
	defer l.Close()
	plans, err := ledger.OpenPlans(c.String("ledger"), "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plans.Close()) }()
	out := bufio.NewWriter(std.out)
	write := writeNDJSON(out)
	if as == "csv" {
		write = writeCSV(out)
	}
	url := ""
	err = l.EachMoved(c.Context, c.Bool("messages"), func(m ledger.Moved) error {
		if m.Message == "" {
			if url, err = sourceURL(c.Context, plans, pattern, &m); err != nil {
				return err
			}
		}
		return write(&movedRow{Source: m.Source, ID: m.ID, URL: url, ExternalID: m.ExternalID, State: string(m.State), Target: int64(m.Target),
			TargetURL: gorgias.TicketURL(account, m.Target), Message: m.Message, MessageID: int64(m.MessageID), Direction: m.Direction, Run: m.Run})
	})
	return errors.Join(err, write(nil), out.Flush())
}

// sourceURL is where the source shows the ticket, as far as that is known.
func sourceURL(ctx context.Context, plans *ledger.PlanStore, pattern string, m *ledger.Moved) (string, error) {
	if pattern != "" {
		p, err := parsePattern(pattern)
		return p.address(m.ID), err
	}
	w, err := plans.Ticket(ctx, importer.Key(m.Source+":"+m.ID))
	if errors.Is(err, importer.ErrNotInPlan) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return w.Ticket.SourceURL, nil
}

// writeCSV writes rows after a line of names; nil is the end.
func writeCSV(out io.Writer) func(*movedRow) error {
	w := csv.NewWriter(out)
	head := w.Write(movedColumns())
	return func(r *movedRow) error {
		if r == nil {
			w.Flush()
			return errors.Join(head, w.Error())
		}
		cells := r.cells()
		for i := range cells { // ids may be anything, and people open the file with a spreadsheet
			cells[i] = cell.Safe(cells[i])
		}
		return w.Write(cells)
	}
}

// writeNDJSON writes an object a line; nil is the end.
func writeNDJSON(out io.Writer) func(*movedRow) error {
	return func(r *movedRow) error {
		if r == nil {
			return nil
		}
		b, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("printing JSON: %w", err)
		}
		_, err = fmt.Fprintf(out, "%s\n", b)
		return err
	}
}

func ledgerCheck(c *cli.Context, std streams) error {
	l, err := ledger.Open(c.String("ledger"), ledger.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer l.Close()
	flaws, err := l.Check(c.Context)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		if err := printJSON(std.out, flaws); err != nil {
			return err
		}
	} else if err := writeFlaws(std.out, flaws); err != nil {
		return err
	}
	if len(flaws) > 0 {
		return errors.New("the ledger cannot be trusted as it is: restore it from a backup, or have its tickets looked for again by importing with a new one")
	}
	return nil
}

func writeFlaws(out io.Writer, flaws []ledger.Flaw) error {
	var b strings.Builder
	if len(flaws) == 0 {
		b.WriteString("the ledger is whole, and all it says can be so\n")
	}
	for _, f := range flaws {
		wrap(&b, "", "  ", fmt.Sprintf("%s: %d", f.What, f.Count))
		for _, e := range f.Examples {
			wrap(&b, "  ", "    ", plainText(cmp.Or(e, "(nameless)")))
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
