package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/files"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/ledger"
)

func statusCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "where a ledger stands: done, held, refused or in doubt, and what to do next",
		Flags: []cli.Flag{
			with(stringFlag("ledger", "ledger `FILE`"), "deskferry.db"),
			boolFlag("json", "print it as JSON"),
			maskFlag(),
		},
		Action: func(c *cli.Context) error { return status(c, std) },
	}
}

const (
	statusRuns    = 10
	statusTickets = 20 // of each kind that needs somebody
)

// standing is what status tells; its JSON names are stable.
type standing struct {
	Ledger  string           `json:"ledger"`
	Target  string           `json:"target"`
	Holder  string           `json:"held_by"` // the process that writes it now
	Tickets map[string]int64 `json:"tickets"` // by state
	Held    map[string]int64 `json:"held"`    // by reason, but for those that were settled
	Settled int64            `json:"settled"` // held or taken back, and a person has said that they stay so
	Next    time.Time        `json:"next_look,omitzero"`
	Runs    []runLine        `json:"runs"`
	Open    []openTicket     `json:"open"` // the first of those that need somebody
	Left    []leftTicket     `json:"left"` // the first of those that a sync left as they are
	LeftAll map[string]int64 `json:"left_total"`
	Last    *lastRejects     `json:"rejected,omitzero"` // of the last run that read the source
	Missing []missingFile    `json:"missing_files"`
	Files   int64            `json:"missing_files_total"` // of these the first are listed
}

// missingFile is a file that a message was imported without.
type missingFile struct {
	Ticket  string `json:"ticket"`
	Message string `json:"message"`
	URL     string `json:"url"`
	Name    string `json:"name"`
}

type openTicket struct {
	Key    string    `json:"key"`
	State  string    `json:"state"`
	Reason string    `json:"reason"`
	Note   string    `json:"note"`
	Target int64     `json:"target"` // its id in Gorgias; 0 when unknown
	Next   time.Time `json:"next_look,omitzero"`
}

// leftTicket is a ticket in which the source changed what a sync did not.
type leftTicket struct {
	Key    string `json:"key"`
	Kind   string `json:"kind"` // conflict, edited, removed
	Note   string `json:"note"`
	Target int64  `json:"target"`
}

// lastRejects are the records that the last run which read the source has rejected.
type lastRejects struct {
	Run     int64           `json:"run"`
	Records int64           `json:"records"`
	Causes  []rejectedCause `json:"causes"` // the most frequent first
}

type rejectedCause struct {
	Code  string `json:"code"`
	Field string `json:"field"`
	Count int64  `json:"count"`
	First string `json:"first"` // where it was met first
}

// words are the code, with the field where it does not begin with it.
func (c *rejectedCause) words() string {
	if c.Field == "" || strings.HasPrefix(c.Code, c.Field+".") {
		return c.Code
	}
	return c.Field + ": " + c.Code
}

func status(c *cli.Context, std streams) error {
	l, err := ledger.Open(c.String("ledger"), ledger.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := readStanding(c.Context, l)
	if err != nil {
		return err
	}
	m, err := newMasker(c)
	if err = errors.Join(err, m.standing(s)); err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(std.out, s)
	}
	return s.write(std.out)
}

func readStanding(ctx context.Context, l *ledger.Ledger) (*standing, error) {
	have, err := l.Status(ctx, statusRuns)
	if err != nil {
		return nil, err
	}
	s := &standing{Ledger: have.Path, Target: have.Target, Holder: have.Holder, Held: have.Reasons, Settled: have.Settled, Next: have.NextLook, Tickets: map[string]int64{}}
	for state, n := range have.States {
		s.Tickets[string(state)] = n
	}
	for _, r := range have.Runs {
		line := lineOf(r)
		if s.Last == nil {
			s.Last = line.rejects()
		}
		line.Counts = line.brief()
		s.Runs = append(s.Runs, line)
	}
	if s.Last != nil && s.Last.Records == 0 {
		s.Last = nil
	}
	if err := markKilled(ctx, l, s.Runs); err != nil {
		return nil, err
	}
	for _, state := range []importer.State{importer.StateDoubt, importer.StateAsking, importer.StateHeld, importer.StateRefused} {
		err := l.Tickets(ctx, state, "", statusTickets, func(t ledger.Ticket) error {
			s.Open = append(s.Open, openTicket{string(t.Key), string(t.State), t.Reason, t.Note, int64(t.Target), t.NextLook})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if err := s.left(ctx, l, have.Left); err != nil {
		return nil, err
	}
	return s, s.missing(have.Path)
}

// left lists what syncs left as it is.
func (s *standing) left(ctx context.Context, l *ledger.Ledger, all map[ledger.LeftKind]int64) error {
	s.LeftAll = map[string]int64{}
	for _, kind := range ledger.LeftKinds() {
		if all[kind] == 0 {
			continue
		}
		s.LeftAll[string(kind)] = all[kind]
		err := l.LeftAsIs(ctx, kind, statusTickets, func(t ledger.LeftTicket) error {
			note := t.Note
			switch {
			case kind == ledger.LeftEdited:
				note = count(int64(t.Edited), "message") + " edited in the source"
			case kind == ledger.LeftRemoved && note == "":
				note = "no longer in the source"
			}
			s.Left = append(s.Left, leftTicket{string(t.Key), string(kind), note, int64(t.Target)})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// missing reads which files tickets were imported without, from the folder beside the ledger.
func (s *standing) missing(ledger string) error {
	store, err := files.OpenReadOnly(files.FolderOf(ledger))
	if err != nil || store == nil {
		return err
	}
	defer store.Close()
	account, err := url.Parse(s.Target)
	if err != nil {
		return fmt.Errorf("reading the account the ledger is for: %w", err)
	}
	return gorgias.EachMissing(&files.Keeper{Store: store}, account.Host, func(f gorgias.MissingFile) error {
		if s.Files++; len(s.Missing) < statusTickets {
			s.Missing = append(s.Missing, missingFile{string(f.Ticket), f.Message, withoutKeys(f.URL), f.Name})
		}
		return nil
	})
}

// withoutKeys is an address without what may be a key to it: user, query and fragment.
func withoutKeys(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(unreadable)"
	}
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, "", "", ""
	return u.String()
}

func (s *standing) write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, for %s\n", s.Ledger, s.Target)
	if s.Holder != "" {
		fmt.Fprintf(&b, "in use by %s\n", s.Holder)
	}
	b.WriteString("\ntickets\n")
	for _, state := range slices.Sorted(maps.Keys(s.Tickets)) {
		fmt.Fprintf(&b, "  %-10s %9d%s\n", state, s.Tickets[state], s.reasons(state))
	}
	if len(s.Runs) > 0 {
		b.WriteString("\nruns\n")
	}
	writeRuns(&b, s.Runs, false)
	if len(s.Open) > 0 {
		b.WriteString("\nneed somebody\n")
	}
	for _, t := range s.Open {
		why := t.State
		if t.Reason != "" {
			why += " (" + t.Reason + ")"
		}
		if t.Note != "" {
			why += ": " + t.Note
		}
		wrap(&b, fmt.Sprintf("  %-24s ", plainText(t.Key)), "      ", plainText(why))
	}
	s.writeLeft(&b)
	if s.Files > 0 {
		b.WriteString("\nfiles tickets were imported without\n")
	}
	for _, f := range s.Missing {
		wrap(&b, fmt.Sprintf("  %-24s ", plainText(f.Ticket)), "      ", plainText(cmp.Or(f.Name, "(nameless)")+", "+f.URL))
	}
	if more := s.Files - int64(len(s.Missing)); more > 0 {
		fmt.Fprintf(&b, "  … and %d more\n", more)
	}
	if next := s.next(time.Now()); len(next) > 0 {
		b.WriteString("\nnext\n")
		for _, line := range next {
			wrap(&b, "  ", "    ", line)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// writeLeft writes what was rejected last, and what syncs left as it is.
func (s *standing) writeLeft(b *strings.Builder) {
	if s.Last != nil {
		fmt.Fprintf(b, "\nrejected by run %d: %s\n", s.Last.Run, count(s.Last.Records, "record"))
		for _, c := range s.Last.Causes {
			wrap(b, "  ", "      ", plainText(fmt.Sprintf("%d %s, first at %s", c.Count, c.words(), c.First)))
		}
	}
	if len(s.Left) > 0 {
		b.WriteString("\nchanged in the source, left as it is\n")
	}
	for _, t := range s.Left {
		wrap(b, fmt.Sprintf("  %-24s ", plainText(t.Key)), "      ", plainText(t.Note))
	}
	var all int64
	for _, n := range s.LeftAll {
		all += n
	}
	if more := all - int64(len(s.Left)); more > 0 {
		fmt.Fprintf(b, "  … and %d more\n", more)
	}
}

func (s *standing) reasons(state string) string {
	if state != string(importer.StateHeld) {
		return ""
	}
	var all []string
	for _, r := range slices.Sorted(maps.Keys(s.Held)) {
		all = append(all, fmt.Sprintf("%d %s", s.Held[r], r))
	}
	if n := s.Settled; n > 0 {
		all = append(all, fmt.Sprintf("%d settled", n))
	}
	return "  " + strings.Join(all, ", ")
}

// next is what a person does now.
func (s *standing) next(now time.Time) []string {
	var out []string
	add := func(n int64, format string) {
		if n > 0 {
			out = append(out, fmt.Sprintf(format, n))
		}
	}
	add(s.Tickets[string(importer.StatePlanned)]+s.Tickets[string(importer.StateMade)], "%d to go: run the same import again")
	if doubt := s.Tickets[string(importer.StateDoubt)] + s.Tickets[string(importer.StateAsking)]; doubt > 0 {
		when := "now"
		if s.Next.After(now) {
			when = "after " + s.Next.Local().Format("15:04:05")
		}
		out = append(out, fmt.Sprintf("%d in doubt: run the same import again %s, it looks first", doubt, when))
	}
	for _, reason := range slices.Sorted(maps.Keys(s.Held)) {
		add(s.Held[reason], "%d "+cmp.Or(heldNext()[reason], "held: look at them in Gorgias, then deskferry retry --reason "+reason))
	}
	add(s.Tickets[string(importer.StateRefused)], "%d refused by Gorgias: mend the export or the mapping and import again, or deskferry retry --rejected")
	if s.Last != nil {
		out = append(out, count(s.Last.Records, "record")+" rejected: mend the export or the mapping; deskferry check --rejects FILE writes them down, and FILE mended goes in as --from")
	}
	add(s.LeftAll[string(ledger.LeftConflict)], "%d changed in the source and not written: set it in Gorgias by hand where the source is right, then deskferry settle --conflicts")
	add(s.LeftAll[string(ledger.LeftEdited)], "%d with messages edited in the source: Gorgias keeps what was sent; deskferry settle --edited accepts that")
	add(s.LeftAll[string(ledger.LeftRemoved)], "%d no longer in the source: deskferry sync --apply-deletions deletes what nobody has touched; deskferry settle --removed keeps them")
	if len(s.Held) > 0 {
		out = append(out, "held tickets that are to stay as they are: deskferry settle --ticket KEY, or --reason REASON")
	}
	add(s.Tickets[string(importer.StateUndone)], "%d taken back: deskferry import --again brings them again")
	if s.Files > 0 {
		out = append(out, count(s.Files, "file")+" missing: deskferry retry --missing-files brings what can be had now")
	}
	return out
}

// heldNext says what a person does about tickets held for a reason.
func heldNext() map[string]string {
	return map[string]string{
		importer.ReasonUnknown:    "never found in Gorgias: deskferry retry --in-doubt looks once more and sends them again",
		importer.ReasonIncomplete: "incomplete: mend the rejected records (--rejects) and import them, or import with --incomplete=send",
		importer.ReasonFiles:      "with files that could not be had: deskferry retry --reason files asks for them again; with --files fetch they go without",
		importer.ReasonDuplicate:  "more than once in Gorgias: delete all but one of each, then deskferry retry --reason duplicate",
		importer.ReasonGone:       "deleted, trashed or marked as spam in Gorgias: leave them so, or restore them there, then deskferry retry --reason gone",
		importer.ReasonMerged:     "merged with others or with messages deleted in Gorgias: nothing, or deskferry retry --reason merged once they are whole again",
		importer.ReasonIDReused:   "whose id something else in Gorgias has: see there, then deskferry retry --reason id-reused",
		importer.ReasonTouched:    "with new messages, in which people have worked in Gorgias: deskferry retry --reason touched adds the messages all the same",
		importer.ReasonUndone:     "with messages taken back: deskferry import --again brings them again",
	}
}
