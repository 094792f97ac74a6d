package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/ledger"
	"github.com/deskferry/deskferry/sources"
)

// What --read may be.
const (
	readAll     = "all"
	readChanged = "changed"
)

// sourceSyncFlags say which files of a source a sync reads.
func sourceSyncFlags() []cli.Flag {
	return []cli.Flag{
		with(stringFlag("read", "`WHICH` files are read when one is new or changed: all of them, as a ticket may be spread over several; or changed, the new and changed ones "+
			"only, where each file holds whole tickets"), readAll),
	}
}

// landed is what a look at the files of a source has shown.
type landed struct {
	all       []ledger.SourceFile
	read      []string // the files to read; nil: what --from names
	unchanged bool     // all of it was read before, and nothing is open
	partial   bool     // a part of the source is read
}

// look compares the files of the source with those that were read before, by content. Of an API nothing is known before it is
// asked.
func (n *night) look(ctx context.Context, l *ledger.Ledger) (*landed, error) {
	c := n.c
	which := c.String("read")
	if which != readAll && which != readChanged {
		return nil, usagef("--read %q: it is all or changed", which)
	}
	if which == readChanged && n.options.ApplyDeletions {
		return nil, usagef("--apply-deletions wants the whole source each night, and --read changed reads a part of it")
	}
	from := c.StringSlice("from")
	if len(from) == 0 || slices.ContainsFunc(from, isLive) {
		if which == readChanged && len(from) > 0 {
			return nil, usagef("--read changed is for files; of an API only what changed is fetched anyway")
		}
		return &landed{}, n.wholeListing()
	}
	settings, source, err := n.fingerprint()
	if err != nil {
		return nil, err
	}
	known, err := l.Files(ctx, source)
	if err != nil {
		return nil, err
	}
	files := &landed{partial: which == readChanged}
	var changed []string
	for _, path := range from {
		found, err := sources.Expand(path)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			f, err := sumFile(ctx, name, settings)
			if err != nil {
				return nil, err
			}
			files.all = append(files.all, f)
			if known[f.Name].Sum != f.Sum {
				changed = append(changed, name)
			}
		}
	}
	if len(changed) == 0 {
		files.unchanged, err = atRest(ctx, l)
		return files, err
	}
	n.say("new or changed files: %d of %d", len(changed), len(files.all))
	if files.partial {
		files.read = changed
	}
	return files, nil
}

// wholeListing refuses to take what an API does not list for deleted when its settings leave tickets out of the lists.
func (n *night) wholeListing() error {
	if !n.options.ApplyDeletions {
		return nil
	}
	m, err := loadMapping(n.c)
	if err != nil {
		return err
	}
	set := map[string]bool{}
	for _, s := range m.File().Source.API {
		set[s.Name] = s.Value != ""
	}
	for _, narrows := range []string{"view", "query", "status"} {
		if set[narrows] {
			return usagef("--apply-deletions wants all tickets listed, and source: api: %s lists some: others would be taken for deleted", narrows)
		}
	}
	if !set["archived"] {
		return usagef("--apply-deletions wants all tickets listed, and without source: api: { archived: \"yes\" } the archived ones are not: they would be taken for deleted")
	}
	return nil
}

// fingerprint is a hash of what besides the files decides what becomes of them: with another mapping they are read again.
func (n *night) fingerprint() (settings, source string, err error) {
	m, err := loadMapping(n.c)
	if err != nil {
		return "", "", err
	}
	choices, err := choicesOf(n.c, m)
	if err != nil {
		return "", "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n", versionText(), m.Hash(), choices.Hash())
	for _, name := range []string{"since", "until", "only-ticket", "incomplete", "encoding", "format", "delimiter", "timezone"} {
		fmt.Fprintf(h, "%q\n", n.c.String(name))
	}
	fmt.Fprintf(h, "%d\n%q\n%q\n", n.c.Int("limit"), n.c.StringSlice("place"), n.c.StringSlice("set"))
	return hex.EncodeToString(h.Sum(nil)), m.Name(), nil
}

// sumFile hashes a file together with the settings.
func sumFile(ctx context.Context, name, settings string) (ledger.SourceFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return ledger.SourceFile{}, fmt.Errorf("looking at %s: %w", name, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return ledger.SourceFile{}, fmt.Errorf("%s is no regular file: a sync reads files that are there the next night too", name)
	}
	h := sha256.New()
	_, _ = io.WriteString(h, settings)
	size, err := copyUntil(ctx, h, f)
	if err != nil {
		return ledger.SourceFile{}, fmt.Errorf("looking at %s: %w", name, err)
	}
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	return ledger.SourceFile{Name: name, Sum: hex.EncodeToString(h.Sum(nil)), Size: size}, nil
}

// copyUntil is io.Copy that ends with ctx.
func copyUntil(ctx context.Context, to io.Writer, from io.Reader) (n int64, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		k, err := io.CopyN(to, from, 8<<20)
		n += k
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// atRest tells whether no ticket of the ledger waits for a run.
func atRest(ctx context.Context, l *ledger.Ledger) (bool, error) {
	s, err := l.Status(ctx, 0)
	if err != nil {
		return false, err
	}
	for _, state := range []importer.State{importer.StatePlanned, importer.StateMade, importer.StateAsking, importer.StateDoubt} {
		if s.States[state] > 0 {
			return false, nil
		}
	}
	return true, nil
}

// nothingNew ends a sync whose source holds what it held. What needed somebody then still does.
func (n *night) nothingNew(ctx context.Context, l *ledger.Ledger) error {
	s, err := l.Status(ctx, 0)
	if err != nil {
		return err
	}
	n.out.Unread, n.out.Needs = true, n.before.Needs
	n.out.Needs.Held, n.out.Needs.Refused = s.Tally.Tickets.Held, s.Tally.Tickets.Rejected
	n.out.Needs.Conflicts, n.out.Needs.Removed = s.Left[ledger.LeftConflict], s.Left[ledger.LeftRemoved]
	n.told.NothingNew, n.told.Summary = true, asBefore(s, n.out.Needs)
	if n.out.Needs.Rejected+n.out.Needs.Held+n.out.Needs.Refused > 0 {
		return errIncomplete
	}
	return nil
}

// asBefore is the account of a sync that had nothing to read: the ledger's tickets, and the records that were rejected last.
func asBefore(l ledger.Status, n needs) *importer.Summary {
	s := &importer.Summary{Version: importer.SummaryVersion}
	s.Records.Read, s.Records.Rejected = n.Rejected, n.Rejected
	s.Tickets.Present, s.Tickets.Held, s.Tickets.Rejected = l.States[importer.StateDone], n.Held, n.Refused
	s.Tickets.Total = s.Tickets.Present + n.Held + n.Refused
	return s
}
